"""Tables and statements of MySQL 8, in the words that MariaDB takes, too: on that they are run."""

"""Tables and statements of PostgreSQL, and of everything that speaks its dialect."""

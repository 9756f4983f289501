"""What is built? Everything here is read off the form, one fold a file."""

"""Commands of Redis, and of everything that speaks its protocol."""

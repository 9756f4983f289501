"""One file an engine, found by scanning."""

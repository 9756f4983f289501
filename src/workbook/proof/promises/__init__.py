"""Is the promise kept? One file per kind: what it claims of the rows, how it is attacked, and what guards it."""

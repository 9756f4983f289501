"""The only sentences: what the form says, in words. Nothing here decides anything."""

"""Capabilities: who plays their roles (`bind`, `roles`), what an approach says (`written`, `reader`), and how it is built in (`splice`)."""

"""The language of steps: grammar, parser and what a line of it means, before names are resolved."""

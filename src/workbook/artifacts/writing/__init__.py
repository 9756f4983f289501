"""How each language writes what is not its own: literals, identifiers and comments. One module a language, and nothing else writes them.

A module offers what its language has: `string(text)`, `literal(value)`, `identifier(name)`, `comment(text)`. Whatever is put in, a
string comes back as it was, and a comment ends where its line ends. Names come from `plan.naming`, which keeps them apart; here they
are spelt, quoted or moved out of the way of a reserved word.
"""

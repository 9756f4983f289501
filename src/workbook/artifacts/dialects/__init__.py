"""Statements of each dialect, written once: the document, the generated code and the proof take them from here."""

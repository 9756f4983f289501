"""How is a brief changed by hand? Forms and views that follow it; the file holds the truth, never a widget."""

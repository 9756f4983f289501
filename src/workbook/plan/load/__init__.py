"""What does each part bear? Formulas over steps, for the form as it is or as an option would leave it."""

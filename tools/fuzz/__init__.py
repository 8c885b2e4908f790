"""What must hold for any input, as functions, and commands that look for input for which it does not."""

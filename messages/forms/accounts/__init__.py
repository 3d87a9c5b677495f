"""Forms about an account beyond one case: what it is granted, who at the top has it."""

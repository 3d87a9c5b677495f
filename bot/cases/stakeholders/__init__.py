"""The account's own people on a case: who is missing, and who is named."""

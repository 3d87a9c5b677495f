"""The verbs of a case, one file each."""

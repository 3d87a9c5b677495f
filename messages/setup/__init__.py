"""The first steps of an installation: how they stand, what to paste, and the test mail."""

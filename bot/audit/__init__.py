"""The chain over the records that are never edited: made, and proved."""

"""The technical lead's focus, and helpers by skill: pure rules."""

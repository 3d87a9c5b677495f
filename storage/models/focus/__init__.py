"""Focus for the technical lead, and help by skill."""

"""What helps those who solve a case: focus for the technical lead, help by skill, rest."""

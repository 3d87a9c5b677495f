"""Pages that a link of one colleague opens: quarterly briefs of sponsored accounts, figures."""

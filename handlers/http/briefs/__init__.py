"""Quarterly briefs of sponsored accounts over the web."""

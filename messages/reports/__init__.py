"""Figures as people see them: a sheet of words and tables, charts, a page, a PDF, rows, Slack."""

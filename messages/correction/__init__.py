"""Messages about corrected cases: the rows of their notices."""

"""How fast the desk is, beside how fast it could be: ``make bench``."""

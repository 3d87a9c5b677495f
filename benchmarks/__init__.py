"""How fast the app is, beside how fast it could be: ``make bench``."""

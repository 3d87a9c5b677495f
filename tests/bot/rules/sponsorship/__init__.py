"""Rules of the sponsorship programme."""

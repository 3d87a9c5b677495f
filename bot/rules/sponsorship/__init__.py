"""Rules of the executive sponsorship programme: its words, its texts, its quarters. Pure."""

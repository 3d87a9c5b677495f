"""What every message is made of: blocks, texts, dates, templates."""

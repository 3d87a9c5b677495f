"""Who knows what their role asks: cards that were understood, and what is missing.

A card is given with the message that tells of the role (``bot/core/access.py`` says to whom);
here it is confirmed, reminded of once, and listed.
"""

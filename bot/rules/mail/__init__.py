"""What a mail says, from whom it is, and what it may be made of.

``limits`` counts before ``parsing`` reads. Of its parts ``headers`` and ``contents`` read fields
and bodies by way of ``charsets`` and ``html_text``; ``quotes`` and ``known_words`` tell new words
from quoted ones; ``machines`` and ``bounces`` know what no person wrote, by the ``phrases`` of
every language. ``authentication`` doubts the sender. All input is a stranger's. To which case a
mail belongs is decided in bot/mail.
"""

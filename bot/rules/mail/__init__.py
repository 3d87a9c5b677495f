"""What a mail says, from whom it is, and what it may be made of.

``limits`` counts before ``parsing`` reads, ``html_text`` makes words of pages, ``authentication``
doubts the sender. All input is a stranger's. To which case a mail belongs is decided in bot/mail.
"""

"""Mail to customers and from them.

Out: ``queue`` stores a mail with its outbox row, ``deliver`` hands it to the server, ``outcomes``
records what became of it. In: ``receive`` checks the signature and reads, ``incoming`` decides. The
SMTP client is ``messages/clients/smtp.py``; the words are made in ``messages/customers``; parsing
and sender checks are pure and in ``bot/rules/mail``.
"""

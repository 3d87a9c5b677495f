"""Correcting what a case says: customer, stake, reason, language, ticket link, contacts.

``edit`` is the verb, ``parts`` what can be corrected and by whom, ``customer`` what another
customer brings with it, ``outdated`` what is of no use after a correction, ``withheld`` what was
about to be sent.
"""

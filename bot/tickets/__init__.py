"""The help desk's ticket of a case: linking it, replying in it, hearing what others write there.

``link`` has the verbs and the courier, ``webhooks`` receives the help desk's events, ``deliver``
performs the outbox's rows: replies itself, looks by ``looking``, notes, tags and statuses by
``writing``. ``outcomes`` records what was written in the ticket of a case, ``known`` how a ticket
was last seen, ``merged`` follows one that went up in another, ``due`` looks again in time. How each
help desk is spoken to is in ``messages/clients/helpdesks``.
"""

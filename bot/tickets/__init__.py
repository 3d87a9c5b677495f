"""The help desk's ticket of a case: linking it, replying in it, hearing what others write there.

``link`` has the verbs and the courier, ``deliver`` performs the outbox's rows, ``outcomes`` records
what became of them, ``webhooks`` receives the help desk's events. How each help desk is spoken to
is in ``messages/clients/helpdesks``.
"""

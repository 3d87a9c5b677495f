"""Durable work that knows no subject: intents, the inbox, the outbox, delivery.

The way of a request: ``storage/receiving.py`` stores it, ``inbox_loop`` wakes ``inbox``, which
carries it out in a ``unit_of_work``; what that leaves in the outbox is claimed by ``outbox_claims``
and performed by ``delivery``. ``leases`` says which process may record an outcome. ``due`` and
``scheduler`` do what time brings. No module here names a case, a problem or a text.
"""

"""What passes between us and a customer, whatever carries it.

Out: ``composer`` prefills, ``check`` judges, ``clearance`` asks a second person (``approval``,
``authority``, ``legal``, ``money``), ``updates`` records and queues, ``delivery`` records what
became of it. In: ``incoming``. ``library`` and ``templates`` keep the approved words. How mail and
tickets are handed over is in ``bot/mail`` and ``bot/tickets``, reached through ``channels``.
"""

"""What became of a customer's business: asked for some time after a case, and at a renewal.

``plan`` says after which cases and for which renewals, ``due`` asks, reminds, and asks a manager,
``record`` keeps the answer and corrects it, ``queries`` reads. A row is asked for once; amounts are
shown to those who may read revenue, and stand in no record of a case.

Questions are direct messages, at ``HOUR`` of the policy's zone: to the account's people, else to
the owner of the case, else to a manager. Without an answer a manager is asked, and then no one.

Those who plan or record take turns (``take_turns``) before they lock an ``Outcome``, and lock its
case before it.
"""

"""What customers are granted: asked for, approved, promised, fulfilled.

A concession belongs to a case and counts for its account. ``request`` and ``answer`` lead to an
approval, ``promise`` and ``fulfil`` to what the customer has, ``ending`` ends it otherwise, and
``due`` does what time brings. How much each person may give is in ``bot/rules/money/matrix.py``,
what a letter may offer in ``bot/customers/money.py``. No figure stands in the record of a case or
in its channel: those who need it are told directly.
"""

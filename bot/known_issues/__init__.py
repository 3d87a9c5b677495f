"""Known issues: minor faults that customers wait for, without a case, a channel or a clock.

``issue`` logs and changes one, ``waiters`` says who waits, ``outcomes`` what became of it, ``due``
asks about a day that has passed; ``queries`` reads. A known issue has a row of ``Problem``, so its
notices are broadcasts (``bot/problems/broadcasts.py``), and one that turns grave becomes a problem
under the same number.
"""

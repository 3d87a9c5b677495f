"""What every use case begins and ends with: access, checks, snapshots, notices.

Start with ``steps`` (load, check, move, answer); ``access`` says who may, ``snapshot`` turns rows
into facts, ``notify`` finds who hears, ``approvals`` has the rules for two people. ``reactions``
are the events by which this floor and ``customers`` reach those above.
"""

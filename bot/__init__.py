"""What the app decides: use cases, due times, delivery and the schedule.

Each folder is one floor; a floor imports only from those below it (the order stands in
pyproject.toml). ``services.py`` joins them into one process, ``registry.py`` lists every verb
and every kind of effect, ``due_table.py`` everything that time brings, ``wiring.py`` who reacts
to which event. ``rules`` is pure and ``engine`` knows no subject.
"""

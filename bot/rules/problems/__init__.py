"""The rules of a problem that many customers have.

``facts`` is what is known of one, ``audience`` and ``broadcast_text`` what its customers are told,
``affected_csv`` how they are listed, ``update_clock`` when they hear next. What is stored and sent
is in bot/problems.
"""

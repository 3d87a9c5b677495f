"""What people read about a problem that many customers have.

A problem links cases and customers, has one clock (the next update to all), and one channel, which
is public to the workspace. Nothing here may name a restricted case or its customer: the facts come
with such names emptied (``bot/problems/snapshot.py``), and posts that named one before it was
restricted are replaced (``bot/problems/redaction.py``).

- ``card.py``: the card in the channel, the private copy, the lists of problems and of affected
- ``notice_table.py``, ``notices.py``: what is said when something happens
- ``broadcast.py``: a message to many before and after it goes out
- ``talking_points.py``: what agents are to say

Like all of ``messages`` these modules read facts and give messages: no store, no Slack, no time.
The texts are in ``messages/locale/<language>/problems.toml``.
"""

"""Making Slack show what was decided: channels, cards, posts.

Performers take a claimed row of the outbox, call Slack and return what they learned; the store is
changed only by the ``save`` of that result. ``performers`` binds those that every subject has to a
``presenter``; ``find_earlier`` makes a second try harmless. ``private_replies`` is apart: answers
to the person who acted, which are not stored.
"""

"""What arrives from Slack: commands, actions, forms, events, shortcuts and option lists.

In the order of a request: ``app`` (listeners, failures), ``admission`` (may this person come in),
``requests`` (identity and reply), a module for each kind of request, ``dispatch`` (what it leads
to), ``answers`` (what is only shown).
"""

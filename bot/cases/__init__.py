"""The verbs of a case, one file each, with what time brings to cases and the queries about them.

A verb is an intent (what a person asks for) and a use case (what is decided), which runs in one
transaction with the case's row locked. It changes rows, appends to the timeline and queues effects;
Slack is called later, by delivery. ``bot/registry.py`` lists the verbs, ``bot/core/steps.py`` has
what use cases share.
"""

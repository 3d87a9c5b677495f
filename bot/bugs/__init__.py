"""Bugs in the developers' tracker that a case, a known issue or an action item is linked to.

``link`` joins a case to one, ``follow`` does the same for known issues and action items, and hears
what becomes of each; ``tracked`` is which bugs are looked at. ``webhooks`` and ``due`` only ask for
a look; ``looking`` performs it, ``cases``, ``issues`` and ``actions`` say what it means for each.
``showing`` shows developers who waits. No customer is ever told from here.
"""

"""Bugs in the developers' tracker that a case or a known issue is linked to.

``link`` joins a case to one, ``follow`` does the same for known issues and hears what becomes of
either; ``tracked`` is which bugs are looked at. ``webhooks`` and ``due`` only ask for a look;
``looking`` performs it, ``cases`` and ``issues`` say what it means for each. ``showing`` shows
developers that customers wait. No customer is ever told from here.
"""

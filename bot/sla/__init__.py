"""The clocks of a case in the store: events in, reminders and explanations out.

``clocks`` stores events and projects states, ``due`` fires what has come due, ``reminders`` is the
table of who hears it, ``explain`` answers ``/escalate why``. The arithmetic is in
``bot.rules.sla``, the texts are in ``messages/clocks`` and the languages' ``reminders`` templates.
"""

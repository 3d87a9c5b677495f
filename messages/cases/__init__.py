"""What people read about one case: its card, notices, reminders, lists and its record.

Everything here turns facts into messages and does nothing else: no module reads the store, asks
Slack or looks at the time (the present is ``CaseFacts.now``). Shared lines are in
``messages/kit``, clocks in words in ``messages/clocks``, the customer's side in
``messages/customers``.
"""

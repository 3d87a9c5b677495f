"""Who is who in Slack, and the customers' accounts.

``directory`` knows people from Slack: names, languages, zones, their status in the workspace.
``accounts_csv`` reads the administrator's list of customers. Which roles people have is in
``bot/core/access.py``; how the policy's people are followed is in ``bot/operations/roster.py``.

Only an active full member of our own workspace may act, read or be given a part; for each other
status (``Standing`` in ``bot/rules/words.py``) there is a refusal of its own. Rows of cases and
accounts name a colleague by Slack id, never by address, so an address may change.
"""

"""Pagers outside Slack: pages that go there, and what is acknowledged there.

``deliver`` carries pages to PagerDuty and Opsgenie, ``webhooks`` takes in what they tell,
``answers`` lets an acknowledgement there count here. Who is paged is decided in ``bot/duty``.
"""

"""Reports of other programs, by the signed webhook.

``report`` is the one truth of a report's shape: requests are read by it, and the OpenAPI document
shows it. Answers and refusals are models for the same reason. Who may sign is in
``bot.rules.webhook``.
"""

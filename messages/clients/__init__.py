"""The ways out: Slack, SMTP, help desks. One module or class for each, and no other code calls out.

None of them tries again by itself: each call ends with what is known of it, and the outbox
(``bot.engine.delivery``) decides. What is sent is made elsewhere in ``messages``.
"""

"""Durable work that knows no subject: intents, the inbox, the outbox, delivery."""

"""Where Slack differs from what the store says of a case's channel.

``reconcile`` chooses which cases to look at, ``performers`` looks and repairs, ``detect`` compares
and stores, ``repair`` is what people ask for. What counts as a difference: bot/rules/drift.py.
"""

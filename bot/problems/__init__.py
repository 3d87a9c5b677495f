"""One problem behind many cases: who is affected, what they are told, what agents say.

``problem`` opens, links and resolves; ``affected`` keeps the list of customers; ``broadcasts``
proposes and approves a message to many, ``sending`` sends it, ``receipts`` records what became of
each line; ``talking_points`` are for agents. ``steps`` has what all of them share, ``snapshot`` and
``queries`` read, ``presenter`` and ``performers`` show in Slack, ``redaction`` takes a restricted
case out. The rules without a store are in ``bot/rules/problems``.

Wherever both are locked, cases are locked before problems.
"""

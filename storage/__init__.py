"""Where everything is kept: connections, tables, queries that all use cases share, migrations.

Start with ``database`` (transactions) and ``models`` (tables). ``bot`` may import from here,
``handlers`` and ``messages`` may not; nothing here imports them, nor Slack's libraries. What a
state of a row means is in ``bot.rules.states``.
"""

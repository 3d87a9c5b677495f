"""What every message is made of: blocks, texts, dates, templates.

The order of dependence, each using only what is before it: ``texts.py`` (short texts by key),
``dates.py`` (times in words), ``mrkdwn.py`` (markup and escaping), ``blocks.py`` (Slack's limits),
``render.py`` (templates), ``routes.py`` and ``privacy.py``, ``template_context.py`` (what templates
see), ``case_lines.py`` and ``notice_spec.py`` (what several messages share).

Text from people is escaped once, where it is put into markup: what a name here calls plain text is
not escaped yet, and what it calls mrkdwn is.
"""

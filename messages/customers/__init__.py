"""What customers read: templates, mails, pages.

Times are written in the customer's zone with the zone in words, since mail and pages cannot show
each reader their own. A message is a person's words: a template only opens the composer, and what
the app adds to a mail is listed in ``mail_text``. How messages reach a customer is in
``messages/clients`` and ``bot/mail``; what must not be said to one is in ``bot/rules/tone``.

- ``templates.py``: the approved words, shipped or proposed by people, filled with a case's facts
- ``template_sandbox.py``, ``template_readings.py``: what a proposed template may do and can say
- ``template_library.py``: the library in Slack
- ``holding_text.py``: what may be said in a legal case before Legal has agreed
- ``mail_body.py``: the mail; ``pages.py`` and ``html``: the pages behind a customer's links
"""

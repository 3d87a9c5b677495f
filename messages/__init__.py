"""What the app says, and the one way to talk to Slack, mail servers and help desks.

``compose.py`` turns what waits in the outbox into a message; ``cases``, ``problems`` and
``customers`` have the messages by what they are about, ``forms`` the modals, ``clocks`` times in
words, ``kit`` what all of them are made of, ``clients`` the calls. Texts are in ``locale`` and
``templates``. Only ``clients`` does input or output; nothing here reads the store.
"""

"""The bot in a local workspace: beside it for tests, in the demo, in the tour.

``local.py`` joins the bot and ``sandbox/``; ``demo.py`` serves the two until Ctrl-C, ``tour.py``
plays the story of ``tour_story.py`` and ends. Nothing here reads the settings of a real workspace,
and nothing else in ``cli`` imports ``sandbox``.
"""

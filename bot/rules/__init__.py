"""The pure core: the field's words and rules; no Slack, no SQL, no clock.

A module here takes values and answers values: the present instant is an argument, data files of
the languages are read once when the program starts. ``words`` and ``states`` are the vocabulary,
``facts`` what the store hands to the texts, ``sla`` and ``calendars`` the clocks, ``policy`` what
the organisation decides, ``tone`` and ``money`` what is found in a message before it goes out.
"""

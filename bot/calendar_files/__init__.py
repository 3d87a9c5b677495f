"""Meetings in people's calendars: a file in the case's channel, and a mail to each who is invited.

``entries`` keeps a meeting and queues what tells of it; any subject that meets calls it. ``verbs``
plans postmortems. ``facts`` makes of a row what a file tells, and ``deliver`` sends the mails. A
meeting keeps its UID for good and counts its SEQUENCE up, so calendars move and cancel what they
have. Of a restricted case no customer's name is in it.
"""

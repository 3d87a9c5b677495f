"""What executives owe a customer: taking the flag, the call, what was said, what was committed.

The flag itself is raised by a verb of the case (``bot/cases``); what follows from it is here.
``flagging`` has who is asked to take it, ``contact`` the talks that are logged, ``commitments``
what a customer who threatens to cancel is promised, ``asks`` the questions that only an executive
decides, ``due`` what time brings to a flag, ``queries`` what one person owes in all cases.

No one who is away is asked: their deputy is, else the next. Of a restricted case only people who
are on it are asked.
"""

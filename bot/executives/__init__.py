"""What executives owe a customer: taking the flag, the call, what was said, what was committed.

The flag itself, and the question for a decision, are verbs of the case (``bot/cases``); what
follows from them by time is here. Nobody who is away is asked: their deputy is, else the next.
"""

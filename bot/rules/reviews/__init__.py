"""Public reviews: what a rating means, what an export file says, and what is shown of them. Pure.

``review`` has the facts, ``ratings`` reads ratings, ``export`` CSV files, ``podium`` webhooks. What
each of the readers gives is a ``GivenReview``, which ``bot/intake/reviews`` takes in.
"""

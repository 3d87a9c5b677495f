"""What belongs to a resolution beside describing it: the letter that waits, and what is said.

``letter`` keeps the customer's letter until the technical lead has confirmed the resolution,
``tell_anyway`` sends it before that, ``announcement`` tells the stakeholders of a resolved case,
``silence`` moves it on where the customer does not answer.
"""

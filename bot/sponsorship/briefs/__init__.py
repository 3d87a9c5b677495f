"""What sponsors and those who lead the programme read: briefs, and the programme's figures.

The quarterly brief of a sponsored account is made at each quarter's end, and when it is asked for.
``reading`` reads what a reader may know of the quarter, ``make`` decides who is given one and
``opening`` what a link opens, ``deliver`` says it by one message with the PDF. A brief is kept as
nothing but who was given which quarter: what it tells is read anew each time, so a case that became
restricted is gone from it. Words and layout are in ``messages/sponsorship``.

``figures`` counts what the programme has brought; the arithmetic is in ``bot/rules/sponsorship``.
"""

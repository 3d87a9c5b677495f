"""What is reported more than once: further reports of a case, and cases that turn out to be one.

A floor above mail, tickets and feedback, so that what hangs on two cases is brought together here.
"""

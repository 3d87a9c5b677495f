"""What a case teaches: decisions and how they came out, and the documents made of it.

``decisions`` has the decision log and the question that time brings (``CaseDecision`` is a row of
it), ``postmortem_file`` the files that are uploaded to the channel, ``queries`` what is read.
"""

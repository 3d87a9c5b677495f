"""What is found in a message before it goes out.

``lint`` is the entry. ``blockers`` finds what must not be sent, ``phrases`` what should be said
otherwise, ``scripts`` the language of the text, ``text`` folds it. Offers of money are found by
bot/rules/money.
"""

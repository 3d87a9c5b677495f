"""Reading what people write, in any language: what stands there, and where.

``folding`` and ``disguises`` take away what does not matter, ``sentences`` finds sentences and
words, ``scripts`` says in which language, ``spelling`` how a word may be meant. ``patterns`` is the
syntax of the phrases in the languages' files, ``books`` finds them. What a phrase means is for
bot/rules/tone and bot/rules/money to say.
"""

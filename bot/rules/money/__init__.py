"""Money in a message: where a text offers it, and how much may be offered.

``text`` takes disguises off, ``amounts`` reads figures, ``offers`` judges sentences,
``concessions`` compares with what is allowed. The phrases of each language are in its
``money.toml``, the words of numbers in its ``reading.toml``.
"""

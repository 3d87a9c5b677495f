"""Where a text offers money, and how much may be offered."""

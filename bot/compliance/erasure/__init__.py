"""A person, or a customer, is erased: found everywhere, a pseudonym in their place, on record."""

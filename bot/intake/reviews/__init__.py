"""Public reviews: taken in from their sites, answered by a person, compared when they change."""

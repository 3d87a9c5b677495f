"""The developers' bug tracker: a double, strict about its documentation, and what it tells."""

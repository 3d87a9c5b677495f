"""A bug in the tracker of the developers: how it stands, and what of a change people hear of."""

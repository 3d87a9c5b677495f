"""Which component of the product a case is about, and the team that is offered it."""

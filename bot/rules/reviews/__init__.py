"""Public reviews: what a rating means, what an export file says, and what is shown of them."""

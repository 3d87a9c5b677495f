"""Mail to customers and from them."""

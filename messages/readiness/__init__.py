"""What people are told of what their role asks: cards, who has read them, tips."""

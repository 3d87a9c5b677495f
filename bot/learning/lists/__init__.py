"""Lists that those who lead are sent: what is overdue, weekly to each manager."""

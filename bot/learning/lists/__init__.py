"""Lists that those who lead are sent: what is overdue, weekly; root causes, monthly."""

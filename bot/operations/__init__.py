"""For administrators: alerts, figures, examination, policy versions."""

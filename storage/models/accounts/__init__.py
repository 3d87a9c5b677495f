"""What is kept of customers' accounts besides their row: what became of their business."""

"""What people are shown when they ask: private answers by subject."""

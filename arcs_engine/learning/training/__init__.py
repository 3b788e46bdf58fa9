"""Making data, training models on it, and measuring what they are worth."""

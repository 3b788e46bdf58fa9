"""Making and measuring models: runs, data sets, training, evaluation."""

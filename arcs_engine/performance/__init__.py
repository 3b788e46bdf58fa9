"""How good a design is: figures, losses, ratings, corners, the verdict and the cost."""

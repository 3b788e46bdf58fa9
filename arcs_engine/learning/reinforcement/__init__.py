"""Reinforcement learning: a model draws designs, the judge grades them, the weights follow."""

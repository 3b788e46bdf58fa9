"""Figures of the product that anyone can measure again: ``arcs bench``."""

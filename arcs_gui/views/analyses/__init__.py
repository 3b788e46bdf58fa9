"""Analyses of the chosen design."""

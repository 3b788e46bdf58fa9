"""Analyses of the chosen design, without Qt."""

"""Closed-loop runs."""

"""Candidates, details, comparisons."""

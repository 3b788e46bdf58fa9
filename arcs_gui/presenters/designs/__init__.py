"""Candidates, their details, edits and comparisons, without Qt."""

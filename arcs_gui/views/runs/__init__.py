"""Runs of training."""

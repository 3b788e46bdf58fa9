"""Runs of training, without Qt."""

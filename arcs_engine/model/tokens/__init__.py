"""Specs and designs as sequences of tokens, and the grammar that keeps sequences valid."""

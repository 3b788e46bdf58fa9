"""Small-signal responses."""

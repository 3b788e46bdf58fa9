"""Passive views: signals tell what the user does, `set_` methods what to show."""

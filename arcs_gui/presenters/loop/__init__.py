"""The voltage loop of the chosen design."""

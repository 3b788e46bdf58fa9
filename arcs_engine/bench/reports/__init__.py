"""Results as files that need no ARCS to read."""

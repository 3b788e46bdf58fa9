"""Results as files that are read without ARCS."""

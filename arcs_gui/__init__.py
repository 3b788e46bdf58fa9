"""The window of ARCS. It shows; what it shows comes from `arcs_engine`."""

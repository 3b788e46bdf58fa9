"""The ARCS window. It shows; what it shows comes from `arcs_engine`."""

"""The engine of ARCS declares, solves, proposes and checks DC-DC converters, without Qt."""

__version__ = "0.2.0"

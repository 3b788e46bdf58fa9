"""ARCS engine: declares, solves, proposes and checks DC-DC converters. It knows no Qt."""

__version__ = "0.2.0"

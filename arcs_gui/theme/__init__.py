"""Colours, fonts and the style sheet."""

from arcs_gui.theme.apply import Theme
from arcs_gui.theme.palette import DARK, LIGHT, Palette

__all__ = ["DARK", "LIGHT", "Palette", "Theme"]

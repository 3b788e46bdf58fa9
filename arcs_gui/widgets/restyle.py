"""Changing the role that the style sheet colours a widget by."""

from PySide6.QtWidgets import QWidget


def set_property(widget: QWidget, name: str, value: str | bool) -> None:
    """Set a property that the style sheet selects by, and apply the style anew."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)

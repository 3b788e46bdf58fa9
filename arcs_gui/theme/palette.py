"""The two palettes: neutral surfaces, one accent, traces from the Okabe-Ito set."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Palette:
    """Colours by role, ``#rrggbb``.

    Attributes:
        window: behind panels.
        surface: panels, tables, plots.
        field: where text is typed.
        border: lines between things.
        text: what is read.
        muted: units, hints and empty panels.
        accent: the one accent: selection, focus, the main button, values on the schematic.
        on_accent: text on the accent.
        selection: behind the selected row.
        good: text of what passed.
        bad: text of what failed.
        warning: text of what needs attention.
        grid: grid lines of plots.
        vout: trace of the output voltage.
        inductor_current: trace of the inductor's current.
        switch_node: trace of the switch node.
        fourth_trace: trace of any other signal.
        loss_curve: trace of a training loss.
    """

    name: str
    window: str
    surface: str
    field: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    good: str
    bad: str
    warning: str
    grid: str
    vout: str
    inductor_current: str
    switch_node: str
    fourth_trace: str
    loss_curve: str

    @property
    def hues(self) -> tuple[str, ...]:
        """Trace colours, in the order in which signals take them."""
        return (self.vout, self.inductor_current, self.switch_node, self.fourth_trace)


# Trace colours: Okabe and Ito, "Color universal design" (2008); each theme takes those of the set
# that stand out on its surface.
LIGHT = Palette(
    name="light",
    window="#eceef1",
    surface="#ffffff",
    field="#ffffff",
    border="#cbd1d8",
    text="#1b2027",
    muted="#5b6672",
    accent="#0a6596",
    on_accent="#ffffff",
    selection="#d5e8f4",
    good="#0b6b3a",
    bad="#b3261e",
    warning="#8a5300",
    grid="#8c96a1",
    vout="#0072b2",
    inductor_current="#d55e00",
    switch_node="#009e73",
    fourth_trace="#cc79a7",
    loss_curve="#0072b2",
)

DARK = Palette(
    name="dark",
    window="#14171b",
    surface="#1c2026",
    field="#14171b",
    border="#3a424c",
    text="#e4e7eb",
    muted="#9aa5b1",
    accent="#5db7ea",
    on_accent="#0c1216",
    selection="#1a3a4f",
    good="#5fcf93",
    bad="#ff8a80",
    warning="#f2b84b",
    grid="#6c7783",
    vout="#56b4e9",
    inductor_current="#e69f00",
    switch_node="#009e73",
    fourth_trace="#cc79a7",
    loss_curve="#56b4e9",
)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colours(palette: Palette) -> dict[str, str]:
    """Return the colours by role, for the style sheet."""
    return {f.name: getattr(palette, f.name) for f in fields(palette) if f.name != "name"}

"""How closely two results of one figure must agree."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerance:
    """What agreement between solver and ngspice means: one of the two limits is kept.

    Attributes:
        relative: largest difference over the figure.
        absolute: largest difference, in the figure's unit or, where `over` says so, as a share of
            another figure.
        over: name of that figure.
    """

    relative: float = 0.0
    absolute: float = 0.0
    over: str = ""

    def accepts(self, one: float, other: float, scale: float = 1.0) -> bool:
        """Say whether two results agree; nan agrees with nothing."""
        return abs(one - other) <= max(self.relative * abs(other), self.absolute * abs(scale))

    def times(self, factor: float) -> "Tolerance":
        """Return one that is so many times as wide."""
        return Tolerance(self.relative * factor, self.absolute * factor, self.over)

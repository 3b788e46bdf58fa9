"""Dropping answers that come too late."""

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


class Generation:
    """Numbers questions, so that only answers to the newest one are heard."""

    def __init__(self) -> None:
        self._number = 0

    def renew(self) -> None:
        """Make all answers that are still under way stale."""
        self._number += 1

    def only_current(self, callback: Callable[P, None]) -> Callable[P, None]:
        """Return the callback, muted as soon as this generation has passed."""
        number = self._number

        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            if number == self._number:
                callback(*args, **kwargs)

        return guarded

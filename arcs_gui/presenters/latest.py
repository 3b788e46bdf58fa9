"""Work requested faster than it can be done: of what waits, only the newest is done."""

from collections.abc import Callable
from typing import Generic, TypeVar

from arcs_engine.foundation.control import Control
from arcs_gui.ports import Background, Lane
from arcs_gui.presenters.generation import Generation

T = TypeVar("T")


class Latest(Generic[T]):
    """Does one piece of work at a time in a lane; `heard` and `failed` get the answers."""

    def __init__(
        self,
        background: Background,
        lane: Lane,
        heard: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._background = background
        self._lane: Lane = lane
        self._heard = heard
        self._failed = failed
        self._generation = Generation()
        self._busy = False
        self._waiting: Callable[[], T] | None = None

    @property
    def is_behind(self) -> bool:
        """Whether something newer waits than what is being done or was heard last."""
        return self._waiting is not None

    def ask(self, work: Callable[[], T]) -> None:
        """Do this next, in place of whatever waits."""
        self._waiting = work
        if not self._busy:
            self._next()

    def drop(self) -> None:
        """Hear no answer to anything asked so far."""
        self._generation.renew()
        self._busy = False
        self._waiting = None

    def _next(self) -> None:
        work, self._waiting = self._waiting, None
        if work is None:
            return
        self._busy = True
        current = self._generation.only_current

        def do(_: Control) -> T:
            return work()

        self._background.run(
            self._lane, do, done=current(self._on_answer), failed=current(self._on_failure)
        )

    def _on_answer(self, answer: T) -> None:
        self._busy = False
        self._heard(answer)
        self._next()

    def _on_failure(self, error: Exception) -> None:
        self._busy = False
        self._failed(error)
        self._next()

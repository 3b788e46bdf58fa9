"""Where reinforcement learning stands besides the tensors."""

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=-1, le=2**53)]


class Counters(msgspec.Struct, kw_only=True):
    """What a checkpoint holds beside the tensors.

    Attributes:
        identity: of the run's config, seed and start; a checkpoint of another is refused.
        step: steps done.
        evaluated: step of the last evaluation, -1 before the first.
        best_cost: mean cost of the likeliest designs at the best evaluation so far.
        best_step: step of that.
        baseline: mean reward so far, of ``reinforce``.
        scales: root mean square of each topology's advantages so far, 0 before the first.
        size: k of the scales.
        ended: why there are no more steps, a sentence; empty while there are.
        checksum: of everything else in the file.
    """

    identity: str
    step: Count = 0
    evaluated: Count = -1
    best_cost: float = 1e30
    best_step: Count = 0
    baseline: float = 0.0
    scales: list[float] = []
    size: Count = 0
    ended: str = ""
    checksum: str = ""

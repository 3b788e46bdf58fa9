"""The loop of a design: its modulator and its compensator, proposed."""

from arcs_engine.sizing.compensation.proposal import (
    FoundLoop,
    find_loop,
    judge_given,
    propose_loop,
)

__all__ = ["FoundLoop", "find_loop", "judge_given", "propose_loop"]

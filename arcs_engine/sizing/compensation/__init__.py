"""The loop of a design: its modulator and its compensator, proposed."""

from arcs_engine.sizing.compensation.proposal import judge_given, propose_loop

__all__ = ["judge_given", "propose_loop"]

"""Searching the E-series lattice, every method under one judge and one account of evaluations.

A `Problems` holds what is asked, a `Ledger` judges designs for it and counts, a method spends the
ledger's budget, and a `Trace` says what it had found after so many evaluations.
The methods and the reference optimum are in `search.methods` and `search.optimum`, which import a
library that proposals do without.
"""

from arcs_engine.search.descent import descend
from arcs_engine.search.ledger import Ledger, Trace
from arcs_engine.search.problems import Problems
from arcs_engine.search.sources import Source, anywhere, around_textbook, corner, given

__all__ = [
    "Ledger",
    "Problems",
    "Source",
    "Trace",
    "anywhere",
    "around_textbook",
    "corner",
    "descend",
    "given",
]

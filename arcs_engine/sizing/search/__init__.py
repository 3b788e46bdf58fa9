"""Searching the E-series lattice, every method under one judge and one account of evaluations.

A `Problems` holds what is asked, a `Ledger` judges designs for it and counts, a method spends the
ledger's budget, and a `Trace` says what it had found after so many evaluations.
The methods and the reference optimum are in `search.methods` and `search.optimum`, which import a
library that proposals do without.
"""

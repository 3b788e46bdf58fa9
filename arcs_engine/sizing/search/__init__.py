"""Searching the E-series lattice, every method under one judge and one account of evaluations.

A `Problems` holds what is asked and is the only place of a search that asks the judge, a `Ledger`
counts what is judged, a method spends the ledger's budget, and a `Trace` says what it had found
after so many evaluations. Data sets, proposals and the methods that a model is compared with all
search so.
The methods and the reference optimum are in `search.methods` and `search.optimum`, which import a
library that proposals do without.
"""

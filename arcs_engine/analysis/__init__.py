"""What a finished design does away from its nominal point: corners, maps, sweeps, tolerances.

Each analysis is one or a few solver batches over a `Subject`, a design whose parts are bought.
"""

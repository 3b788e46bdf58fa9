"""From a circuit to waveforms: the steady-state solver, decks, ngspice."""

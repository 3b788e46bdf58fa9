"""What one does with a finished design: confirmation, transients, sweeps, tolerances, exports."""

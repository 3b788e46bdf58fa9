"""Making data sets in parallel, auditing them with ngspice, and improving them with a model."""

"""What is asked for and what can be built: spec, topologies, parts, design values."""

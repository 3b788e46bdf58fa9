"""What every package stands on: errors, units, files, paths, cancellation."""

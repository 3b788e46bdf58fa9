"""Jobs: work that reports progress, can be cancelled, and leaves a run folder behind."""

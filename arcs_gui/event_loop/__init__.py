"""Work beside the window: threads that never block it."""

"""What the window does, without Qt: from the user's wishes to the engine and back to the views."""

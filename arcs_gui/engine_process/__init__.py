"""The engine in a process of its own: the window's end, the engine's end, and what they say."""

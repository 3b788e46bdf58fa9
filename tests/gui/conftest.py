"""Every test of the window runs without a display."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

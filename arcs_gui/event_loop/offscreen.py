"""Qt without a display, for measurements, pictures and tests."""

import sys
from pathlib import Path
from typing import Final

_SCREEN: Final = Path(__file__).with_name("offscreen.json")

# Qt reads the options between colons, of which Windows has one in each path.
PLATFORM: Final = "offscreen" if sys.platform == "win32" else f"offscreen:configfile={_SCREEN}"
"""What QT_QPA_PLATFORM says for a screen that the window fits on, also at twice its scale.

The screen that Qt has without a display is 800 pixels wide, and the window would fit itself to it.
"""

"""``python -m arcs_engine.cli``."""

import sys

from arcs_engine.cli import main

if __name__ == "__main__":
    sys.exit(main())

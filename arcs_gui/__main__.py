"""Start the window: ``python -m arcs_gui``."""

from arcs_gui.app import main

raise SystemExit(main())

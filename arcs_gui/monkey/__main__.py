"""Let the monkey loose: ``python -m arcs_gui.monkey``.

Not in the module itself: the engine's process, when it is started, imports the module that runs.
"""

from arcs_gui.monkey import main

raise SystemExit(main())

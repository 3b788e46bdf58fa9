"""Let the monkey loose: ``python -m tests.window.monkey``.

Not in the module itself: the engine's process, when it is started, imports the module that runs.
"""

from tests.window.monkey import main

raise SystemExit(main())

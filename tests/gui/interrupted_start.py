"""Start ARCS and send it a signal at a given moment: ``python interrupted_start.py SIGNAL MOMENT``.

A moment is the import of a module, ``import NAME``, or the call of a function, ``call FILE NAME``.
"""

import os
import runpy
import signal
import sys


def main() -> None:
    """Start the command line as `python -m` does."""
    number = signal.Signals[sys.argv[1]]
    kind, *moment = sys.argv[2].split()
    sent = False

    def send() -> None:
        nonlocal sent
        if not sent:
            sent = True
            os.kill(os.getpid(), number)

    def on_audit(event: str, arguments: tuple[object, ...]) -> None:
        if event == "import" and arguments[0] == moment[0]:
            send()

    def on_call(frame: object, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.endswith(moment[0]) and code.co_name == moment[1]:
            sys.setprofile(None)
            send()

    if kind == "import":
        sys.addaudithook(on_audit)
    else:
        sys.setprofile(on_call)
    sys.argv[1:] = []
    runpy.run_module("arcs_engine.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""A worker whose job follows a script, speaking the real protocol in a real process."""

import os
import signal
import sys

import msgspec

from arcs_engine.foundation.errors import ModelError
from arcs_engine.learning import worker
from arcs_engine.learning.jobs.events import Finished, Progress, Scalar, Started


class Script(msgspec.Struct):
    act: str


def scripted(run, control):
    act = msgspec.json.decode(run.config(), type=Script).act
    yield Started("Follow the script.")
    yield Scalar("loss", 1, 0.5)
    yield Progress(0.5, "Half of it.")
    match act:
        case "finish":
            yield Finished("done", "All done.")
        case "say nothing":
            return
        case "fail":
            raise ModelError("The model is made of cheese.")
        case "break":
            raise ZeroDivisionError("by zero")
        case "wait":
            control.stop.wait()
            control.checkpoint()
        case "die in the middle of a line":
            with run.events_file.open("ab") as file:
                file.write(b'{"version": 1, "ti')
            os.kill(os.getpid(), signal.SIGKILL)
        case "be deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            yield Progress(0.6, "Deaf.")
            while True:
                signal.pause()


worker.JOBS["scripted"] = scripted

if __name__ == "__main__":
    sys.exit(worker.main(sys.argv[1:]))

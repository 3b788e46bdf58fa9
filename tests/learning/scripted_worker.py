"""A worker whose job follows a script, speaking the real protocol in a real process."""

import errno
import math
import os
import resource
import signal
import sys

import msgspec

from arcs_engine.foundation.errors import ModelError
from arcs_engine.learning import worker
from arcs_engine.learning.jobs import reporters
from arcs_engine.learning.jobs import runs as runs_of_jobs
from arcs_engine.learning.jobs.events import Finished, Progress, Scalar, Started

LOST = OSError(errno.EROFS, "Read-only file system")


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
        case "diverge":
            yield Scalar("loss", 7, math.nan)
            yield Scalar("loss", 8, 0.1)
        case "fill the disk for a while":
            whole = resource.getrlimit(resource.RLIMIT_FSIZE)
            room = run.events_file.stat().st_size + 20
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, whole[1]))
            yield Scalar("loss", 2, 0.25)
            yield Scalar("loss", 3, 0.125)
            resource.setrlimit(resource.RLIMIT_FSIZE, whole)
            yield Finished("done", "All done.")
        case "lose the events" | "lose the disk":
            reporters._LAST_PAUSES = (0.0,)
            runs_of_jobs.eventlog.append = _refuse
            if act == "lose the disk":
                runs_of_jobs.replace_whole = _refuse
            yield Finished("done", "All done.")
        case "be deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            yield Progress(0.6, "Deaf.")
            while True:
                signal.pause()


def _refuse(*_):
    raise LOST


worker.JOBS["scripted"] = scripted

if __name__ == "__main__":
    sys.exit(worker.main(sys.argv[1:]))

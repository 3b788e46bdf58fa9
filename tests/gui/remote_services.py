"""What the engine's process offers in tests: small services without the engine's libraries."""

import threading
from pathlib import Path

import numpy as np

from arcs_engine.foundation.errors import FileError, SpecError

LIMIT_S = 60


class Scripted:
    """Methods that do one thing each."""

    def __init__(self):
        self._meeting = threading.Barrier(2)

    def add(self, first, second):
        return first + second

    def repeat(self, shape, value):
        return {"values": np.full(shape, value), "of": value}

    def name(self):
        return threading.current_thread().name

    def refuse(self):
        raise SpecError("Vout must be lower than Vin.", "vout")

    def refuse_because(self, path):
        try:
            Path(path).read_text()
        except OSError as error:
            raise FileError(f"{path} cannot be read.") from error

    def stumble(self):
        raise ZeroDivisionError("of all things")

    def secret(self):
        return threading.Lock()

    def meet(self):
        self._meeting.wait(LIMIT_S)
        return "met"

    def count(self, end, control):
        for number in range(end):
            control.progress(number / end, f"{number}")
        return end

    def mumble(self, end, control):
        for number in range(end):
            control.progress(number / end, "still the same")
        return end

    def work_for_ever(self, left_behind, control):
        control.progress(0.0, "at work")
        try:
            while not control.stop.wait(LIMIT_S):
                pass
            control.checkpoint()
        finally:
            Path(left_behind).write_text("cleaned up")

    def never_listen(self, control):
        control.progress(0.0, "at work")
        threading.Event().wait()

    prepare = never_listen


def scripted():
    return {"engine": Scripted()}

"""Work that is spread over turns, and garbage that is taken out between them."""

import gc
import subprocess
import sys
import weakref

import pytest
from PySide6.QtCore import QTimer

from arcs_gui.event_loop.garbage import OLD_AFTER, Garbage
from arcs_gui.event_loop.turns import EventTurns


@pytest.fixture
def turns(qapp):
    turns = EventTurns()
    yield turns
    turns.close()


def test_that_work_is_done_in_order_and_other_events_come_between(qtbot, turns):
    seen = []
    ticks = QTimer()
    ticks.timeout.connect(lambda: seen.append("event"))
    ticks.start(0)
    for name in ("first", "second"):
        turns.put(name, lambda name=name: seen.append(name))
    assert seen == []
    qtbot.waitUntil(lambda: turns.are_over)
    qtbot.waitUntil(lambda: "second" in seen)
    assert seen.index("first") + 1 < seen.index("second")


def test_that_the_newest_work_of_a_name_takes_the_place_of_the_one_that_waits(qtbot, turns):
    seen = []
    turns.put("list", lambda: seen.append("old"))
    turns.put("details", lambda: seen.append("details"))
    turns.put("list", lambda: seen.append("new"))
    qtbot.waitUntil(lambda: turns.are_over)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == ["new", "details"]


def test_that_work_can_ask_for_more_of_its_own_name(qtbot, turns):
    seen = []

    def again() -> None:
        seen.append(len(seen))
        if len(seen) < 3:
            turns.put("again", again)

    turns.put("again", again)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert turns.are_over


def test_that_nothing_is_done_once_closed(qtbot, turns):
    seen = []
    turns.put("late", lambda: seen.append("late"))
    turns.close()
    QTimer.singleShot(0, lambda: seen.append("event"))
    qtbot.waitUntil(lambda: seen != [])
    assert seen == ["event"]


class Knot:
    """Refers to itself, so that only the collector can take it out."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture
def garbage(qapp):
    garbage = Garbage()
    garbage.start()
    yield garbage
    garbage.stop()


def test_that_garbage_is_collected_by_the_window_and_by_nobody_else(garbage):
    assert not gc.isenabled()
    gone = weakref.ref(Knot())
    garbage.collect()
    assert gone() is None
    garbage.stop()
    assert gc.isenabled()


def test_that_what_is_there_is_spared_until_the_window_closes(garbage):
    knot = Knot()
    gone = weakref.ref(knot)
    garbage.spare()
    del knot
    for _ in range(OLD_AFTER):
        garbage.collect()
    assert gone() is not None
    garbage.stop()
    gc.collect()
    assert gone() is None


def test_that_what_is_old_goes_too(garbage):
    knot = Knot()
    gone = weakref.ref(knot)
    garbage.collect()
    garbage.collect()
    del knot
    for _ in range(OLD_AFTER):
        garbage.collect()
    assert gone() is None


MAPPED = """
import ctypes, sys
from arcs_gui.event_loop.allocator import LARGE, give_back_what_is_freed

class Allocated(ctypes.Structure):
    _fields_ = [(f"field_{k}", ctypes.c_size_t) for k in range(10)]

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = (ctypes.c_void_p,)
library.mallinfo2.restype = Allocated
mapped = lambda: library.mallinfo2().field_3
assert give_back_what_is_freed()
library.free(library.malloc(32 * LARGE))
before = mapped()
block = library.malloc(16 * LARGE)
assert mapped() == before + 1
library.free(block)
assert mapped() == before
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone is told")
def test_that_large_memory_goes_back_when_it_is_freed():
    """Also after a larger block was freed, from which on glibc would pool all of that size."""
    made = subprocess.run([sys.executable, "-c", MAPPED], capture_output=True, check=False)
    assert made.returncode == 0, made.stderr


def test_that_an_open_window_collects_by_itself(window):
    assert not gc.isenabled()
    window.close()
    assert gc.isenabled()

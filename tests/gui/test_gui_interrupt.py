"""Ctrl-C in the terminal."""

import os
import signal
import sys

import pytest

from arcs_gui.event_loop.interrupt import Interrupt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX sends itself signals")


def test_that_ctrl_c_asks_the_window_to_close_and_the_old_handler_comes_back(qtbot):
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt, qtbot.waitSignal(interrupt.asked):
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_that_ctrl_c_closes_the_window(qtbot, desktop):
    with Interrupt() as interrupt:
        interrupt.asked.connect(desktop.window.close)
        os.kill(os.getpid(), signal.SIGINT)
        qtbot.waitUntil(lambda: not desktop.window.isVisible())
    assert desktop.ended_cleanly

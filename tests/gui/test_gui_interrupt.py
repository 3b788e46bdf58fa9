"""Ctrl-C in the terminal, and SIGTERM."""

import os
import signal
import sys

import pytest

from arcs_gui.event_loop.interrupt import Interrupt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX sends itself signals")


NUMBERS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", NUMBERS)
def test_that_a_signal_asks_the_window_to_close_and_the_old_handler_comes_back(qtbot, number):
    before = signal.getsignal(number)
    with Interrupt() as interrupt, qtbot.waitSignal(interrupt.asked):
        assert not interrupt.came
        os.kill(os.getpid(), number)
    assert interrupt.came
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", NUMBERS)
def test_that_a_signal_closes_the_window(qtbot, desktop, number):
    with Interrupt() as interrupt:
        interrupt.asked.connect(desktop.window.leave)
        os.kill(os.getpid(), number)
        qtbot.waitUntil(lambda: not desktop.window.isVisible())
    assert desktop.ended_cleanly

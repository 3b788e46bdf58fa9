"""Ctrl-C and SIGTERM in the program's own process, each tried in a process of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX sends itself signals")

BEGIN = """
import os, signal, sys
from arcs_engine.foundation.interruption import ends_at_once, put_off, take_up
me = os.getpid()
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    "place",
    [
        "os.kill(me, number)",
        "try:\n  os.kill(me, number)\n finally: print('never')",
        "class A:\n  def __del__(self): os.kill(me, number)\n A()",
        "sorted([2, 1], key=lambda _: os.kill(me, number))",
    ],
)
def test_that_the_process_ends_at_once_and_in_silence_wherever_it_is(number, place):
    ended = run(f"number = signal.{number}\nwith ends_at_once():\n {place}\n print('never')")
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "arcs: Cancelled.\n"


def test_that_the_handlers_from_before_come_back_and_what_was_ignored_stays_so():
    code = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
before = signal.getsignal(signal.SIGINT)
with ends_at_once():
    with ends_at_once():
        os.kill(me, signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is not before
assert signal.getsignal(signal.SIGINT) is before
"""
    ended = run(code)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_that_what_is_put_off_comes_afterwards_and_waits_in_a_process_started_meanwhile():
    code = """
import subprocess
child = "import os, signal; os.kill(os.getpid(), signal.SIGINT); os.kill(os.getpid(), 15); print(1)"
with ends_at_once():
    with put_off():
        os.kill(me, signal.SIGINT)
        subprocess.run([sys.executable, "-c", child], check=True)
        print("whole", flush=True)
    print("never")
"""
    ended = run(code)
    assert (ended.returncode, ended.stdout) == (130, "1\nwhole\n")


def test_that_a_started_process_takes_up_what_was_put_off():
    code = """
import subprocess
child = (
    "from arcs_engine.foundation.interruption import *; import os; "
    "os.kill(os.getpid(), 15); take_up()"
)
with put_off():
    ended = subprocess.run([sys.executable, "-c", child], check=False)
sys.exit(ended.returncode != -signal.SIGTERM)
"""
    assert run(code).returncode == 0

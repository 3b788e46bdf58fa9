"""Lanes: work beside the window."""

import threading

import pytest

from arcs_gui.event_loop.background import ThreadLanes


@pytest.fixture
def lanes(qapp):
    lanes = ThreadLanes()
    yield lanes
    assert lanes.close()


class Answers:
    def __init__(self) -> None:
        self.done, self.failed, self.progress, self.threads = [], [], [], set()

    def on_done(self, answer) -> None:
        self.threads.add(threading.get_ident())
        self.done.append(answer)

    def on_failure(self, error) -> None:
        self.threads.add(threading.get_ident())
        self.failed.append(error)

    def on_progress(self, fraction, text) -> None:
        self.threads.add(threading.get_ident())
        self.progress.append((fraction, text))

    def run(self, lanes, lane, work):
        return lanes.run(
            lane, work, done=self.on_done, failed=self.on_failure, progress=self.on_progress
        )


@pytest.fixture
def answers():
    return Answers()


def test_that_work_is_done_elsewhere_and_answered_here(qtbot, lanes, answers):
    def work(control):
        control.progress(0.25, "a quarter")
        return threading.get_ident()

    answers.run(lanes, "model", work)
    qtbot.waitUntil(lambda: len(answers.done) == 1)
    assert answers.done[0] != threading.get_ident()
    assert answers.progress == [(0.25, "a quarter")]
    assert answers.threads == {threading.get_ident()}


def test_that_an_error_is_carried_over(qtbot, lanes, answers):
    answers.run(lanes, "model", lambda control: 1 / 0)
    qtbot.waitUntil(lambda: len(answers.failed) == 1)
    assert isinstance(answers.failed[0], ZeroDivisionError)
    assert answers.done == []


def test_that_work_of_one_lane_keeps_its_order(qtbot, lanes, answers):
    for number in range(5):
        answers.run(lanes, "files", lambda control, number=number: number)
    qtbot.waitUntil(lambda: len(answers.done) == 5)
    assert answers.done == [0, 1, 2, 3, 4]


def test_that_lanes_do_not_wait_for_each_other(qtbot, lanes, answers):
    gate = threading.Event()
    answers.run(lanes, "model", lambda control: gate.wait(20))
    answers.run(lanes, "files", lambda control: "files")
    qtbot.waitUntil(lambda: answers.done == ["files"])
    gate.set()
    qtbot.waitUntil(lambda: answers.done == ["files", True])


def test_that_cancelled_work_is_asked_to_stop_and_never_answers(qtbot, lanes, answers):
    stopped = threading.Event()

    def work(control):
        control.stop.wait(20)
        stopped.set()
        control.checkpoint()

    task = answers.run(lanes, "model", work)
    task.cancel()
    answers.run(lanes, "model", lambda control: "next")
    qtbot.waitUntil(lambda: answers.done == ["next"])
    assert answers.failed == []


def test_that_an_answer_that_was_cancelled_on_its_way_is_dropped(qtbot, lanes, answers):
    finished = threading.Event()

    def work(control):
        finished.set()
        return "too late"

    task = answers.run(lanes, "model", work)
    assert finished.wait(20)
    task.cancel()
    answers.run(lanes, "model", lambda control: "next")
    qtbot.waitUntil(lambda: "next" in answers.done)
    assert answers.done == ["next"]


def test_that_closing_cancels_what_runs_and_what_waits(qapp, answers):
    lanes = ThreadLanes()
    started = threading.Event()
    ran = []

    def work(control):
        started.set()
        control.stop.wait(20)
        control.checkpoint()

    answers.run(lanes, "model", work)
    answers.run(lanes, "model", lambda control: ran.append("second"))
    assert started.wait(20)
    assert lanes.close()
    assert ran == []
    answers.run(lanes, "model", lambda control: ran.append("after"))
    assert ran == []


def test_that_the_lanes_say_which_of_them_work(qtbot, lanes):
    heard, gate = [], threading.Event()
    lanes.working.connect(heard.append)
    lanes.run("model", lambda _: gate.wait(5), done=noted([]), failed=noted([]))
    assert heard == [("model",)]
    gate.set()
    qtbot.waitUntil(lambda: heard == [("model",), ()])


def test_that_a_cancelled_task_is_no_longer_work(qtbot, lanes):
    heard = []
    lanes.working.connect(heard.append)
    lanes.run("model", lambda _: None, done=noted([]), failed=noted([])).cancel()
    qtbot.waitUntil(lambda: heard == [("model",), ()])


def noted(into):
    return into.append

"""A short session of random actions; ``python -m tests.window.monkey`` is the long one."""

import pytest
from scripted_engine import ScriptedEngine, ScriptedRuns

from arcs_gui.engine_process.analyst import LocalAnalyst
from tests.window import monkey


@pytest.mark.qt_log_ignore("does not support")
def test_that_random_actions_raise_nothing_and_qt_warns_of_nothing(tmp_path, theme):
    use = monkey.some(100)
    findings = monkey.session(
        ScriptedEngine(), LocalAnalyst(), ScriptedRuns(), theme, tmp_path, 1, use
    )
    theme.choose("light")
    assert findings == []


def test_that_a_finding_names_the_action_it_came_after():
    findings = monkey.Findings()
    findings.last_action = "drag"
    findings.on_message(monkey.QtMsgType.QtWarningMsg, None, "QWidget: something odd")
    findings.on_message(monkey.QtMsgType.QtWarningMsg, None, "This plugin does not support raise()")
    assert findings.lines == ["after 'drag': Qt: QWidget: something odd"]


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([500e6, 590e6, *[600e6, 605e6] * 4], ""),
        ([500e6, 590e6, *[600e6] * 4, *[640e6] * 4], "grows"),
        ([500e6, 590e6, *[1210e6] * 8], "more than 1200 MB"),
        ([], ""),
    ],
)
def test_that_memory_that_grows_or_is_too_much_is_a_finding(looks, said):
    findings = monkey.memory_findings(looks)
    assert len(findings) == bool(said)
    assert said in "".join(findings)

"""The way of a new user from the first start to a netlist, through the real widgets and engine."""

import re
import shutil

import pytest
from test_gui_real_engine import LONG_MS, process, real_engine  # noqa: F401 - fixtures

from tests.window import walkthrough

needs_ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="needs ngspice")


@pytest.mark.qt_log_ignore("does not support")
@needs_ngspice
def test_that_a_new_user_comes_to_a_netlist_of_their_own_spec(
    qtbot,
    open_desktop,
    real_engine,  # noqa: F811
    runs,
    settings,
    tmp_path,
):
    window = open_desktop(real_engine, runs, settings).window
    seen = []

    def wait(condition) -> None:
        qtbot.waitUntil(condition, timeout=LONG_MS)

    for step in walkthrough.steps(window, tmp_path, wait):
        seen.append(step)
        if step == "designs":
            assert window.candidates.caption.text().startswith("Buck, 19.2 V…28.8 V to 12 V, 3 A")
            assert not window.banner.isVisible()
        if step == "part":
            chosen = window.inspector.editors[walkthrough.PART].edit.text()
            assert "✎ edited" in [badge.text() for badge in window.headline.badges]
    assert seen == ["start", "designs", "part", "done"]
    assert window.status.text() == f"Netlist written to {walkthrough.NETLIST}."
    deck = (tmp_path / walkthrough.NETLIST).read_text()
    volts = re.search(r"^Vin \S+ 0 DC (\S+)$", deck, re.MULTILINE)[1]
    henries = re.search(r"^L1 \S+ \S+ (\S+)", deck, re.MULTILINE)[1]
    assert float(volts) == 24
    assert float(henries) * 1e6 == pytest.approx(float(chosen.split()[0]))

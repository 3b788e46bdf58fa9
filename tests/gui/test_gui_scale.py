"""The window on screens of another scale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "clipped_texts.py"


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_that_no_text_is_cut_off_at_any_scale(scale):
    paths = os.pathsep.join([str(SCRIPT.parents[2]), str(SCRIPT.parent)])
    made = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=os.environ | {"QT_SCALE_FACTOR": scale, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout == ""

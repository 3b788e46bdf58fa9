"""`docs/design-screen.md` names the test of each point; they must be there."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
TABLE = TESTS.parent / "docs" / "design-screen.md"


def file_of(name: str) -> Path:
    """Return the file that the table means: ``spec`` is that of the window's tests."""
    if not name.endswith(".py"):
        return TESTS / "gui" / f"test_gui_{name}.py"
    return TESTS / name if "/" in name else TESTS / "gui" / name


def test_that_every_test_that_the_table_names_is_there():
    named = re.findall(r"`([\w./]+)::(test_\w+)`", TABLE.read_text())
    missing = [
        f"{name}::{test}"
        for name, test in named
        if not re.search(rf"^def {test}\(", file_of(name).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_that_every_point_of_the_table_has_a_test():
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    points = [line for line in lines if not line.startswith("| point")]
    assert len(points) > 50
    assert [line for line in points if "::test_that_" not in line.split("|")[3]] == []

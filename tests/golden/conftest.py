"""Golden files: what a text was when somebody last looked at it and accepted it."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "accepted"


class Golden:
    """Compares a text with its accepted form, or accepts it."""

    def __init__(self, accept):
        self._accept = accept

    def check(self, name, text):
        """Fail unless the file of that name holds the text; with ``--accept-golden`` write it."""
        file = FOLDER / name
        if self._accept:
            FOLDER.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if not file.exists():
            pytest.fail(f"{name} was never accepted; look at it and run pytest --accept-golden.")
        assert text.splitlines() == file.read_text(encoding="utf-8").splitlines()

    def names(self):
        """Return the names of all accepted files."""
        return {file.name for file in FOLDER.iterdir()}


@pytest.fixture
def golden(request):
    return Golden(request.config.getoption("--accept-golden"))

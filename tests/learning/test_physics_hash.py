import pytest

from arcs_engine.physics import _figures_of, physics_hash

SOURCE = '''
"""What this is."""

LIMIT = 0.8

class Buck:
    drawing = (1, 2)

    def need(self, peak):
        """Say."""
        if peak > 9:
            raise ValueError(f"{peak} is too much.")
        return peak / LIMIT
'''


@pytest.fixture
def figures(tmp_path):
    def of(source):
        file = tmp_path / "module.py"
        file.write_text(source)
        return _figures_of(file)

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.8", "0.79"),
        ("peak / LIMIT", "peak * LIMIT"),
        ("peak > 9", "peak >= 9"),
    ],
)
def test_that_whatever_decides_a_figure_changes_the_physics_hash(figures, old, new):
    assert figures(SOURCE) != figures(SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What this is.", "What this was."),
        ("Say.", "Speak."),
        ("is too much", "exceeds"),
        ("(1, 2)", "(3, 4)"),
        ("LIMIT = 0.8", "LIMIT  =  0.8  # share that may be used"),
    ],
)
def test_that_words_and_drawings_do_not_change_the_physics_hash(figures, old, new):
    assert figures(SOURCE) == figures(SOURCE.replace(old, new))


def test_that_the_physics_hash_is_sixteen_hexadecimal_digits():
    assert len(physics_hash()) == 16
    int(physics_hash(), 16)

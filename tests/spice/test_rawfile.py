import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arcs_engine.foundation.errors import FileError
from arcs_engine.simulation.ngspice import rawfile

NAMES = ["time", "v(out)", "i(l1)", "i(@d1[id])"]
TABLE = np.column_stack((np.arange(5) * 1e-6, np.ones(5), np.linspace(-1, 1, 5), np.zeros(5)))
KEPT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def header(names=NAMES, points=5, flags="real", kind="Binary"):
    table = "".join(f"\t{i}\t{name}\tvoltage\n" for i, name in enumerate(names))
    return (
        f"Title: * test\nDate: today\nPlotname: Transient Analysis\nFlags: {flags}\n"
        f"No. Variables: {len(names)}\nNo. Points: {points}       \nVariables:\n{table}{kind}:\n"
    ).encode()


def written(folder, content):
    path = folder / "out.raw"
    path.write_bytes(content)
    return path


WHOLE = header() + TABLE.tobytes()


def test_that_a_binary_file_is_read(tmp_path):
    raw = rawfile.read(written(tmp_path, WHOLE))
    assert raw.title == "* test"
    assert np.array_equal(raw.time, TABLE[:, 0])
    assert list(raw.signals) == ["v(out)", "i(l1)", "@d1[id]"]
    assert np.array_equal(raw.signals["i(l1)"], TABLE[:, 2])


def test_that_a_text_file_holds_the_same(tmp_path):
    lines = [f"{i}\t" + "\n\t".join(f"{v:.17e}" for v in row) for i, row in enumerate(TABLE)]
    raw = rawfile.read(written(tmp_path, header(kind="Values") + "\n".join(lines).encode()))
    assert np.array_equal(raw.time, TABLE[:, 0])
    assert np.array_equal(raw.signals["i(l1)"], TABLE[:, 2])


def test_that_only_the_first_plot_is_read(tmp_path):
    assert len(rawfile.read(written(tmp_path, WHOLE + WHOLE)).time) == 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Title: x\n",
        header(flags="complex") + TABLE.tobytes(),
        header(points=0),
        header(points=0) + TABLE.tobytes(),
        header(points=3) + TABLE.tobytes(),
        header(points=10**14) + TABLE.tobytes(),
        header(points="many") + TABLE.tobytes(),
        header(names=["frequency", *NAMES[1:]]) + TABLE.tobytes(),
        header(names=["time", "a", "a", "b"]) + TABLE.tobytes(),
        header() + TABLE[::-1].tobytes(),
        header() + (TABLE * np.nan).tobytes(),
        header().replace(b"No. Variables: 4", b"No. Variables: 3") + TABLE.tobytes(),
        header().replace(b"\t1\t", b"\t7\t") + TABLE.tobytes(),
        header(kind="Values") + b"0 1 2 x 4",
    ],
)
def test_that_a_malformed_file_is_told_in_a_sentence(tmp_path, content):
    with pytest.raises(FileError, match=r"out\.raw is damaged or incomplete: .+\.$"):
        rawfile.read(written(tmp_path, content))


def test_that_a_missing_file_is_told_in_a_sentence(tmp_path):
    with pytest.raises(FileError, match="cannot be read"):
        rawfile.read(tmp_path / "out.raw")


@KEPT
@given(length=st.integers(0, len(WHOLE) - 1))
def test_that_a_file_cut_short_is_never_taken_for_a_result(tmp_path, length):
    with pytest.raises(FileError):
        rawfile.read(written(tmp_path, WHOLE[:length]))


@KEPT
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
    kind=st.sampled_from(["Binary", "Values"]),
)
def test_that_a_corrupted_file_is_read_or_refused_but_never_worse(tmp_path, changes, kind):
    content = bytearray(WHOLE.replace(b"Binary", kind.encode()))
    for at, byte in changes:
        content[at] = byte
    try:
        raw = rawfile.read(written(tmp_path, bytes(content)))
    except FileError:
        return
    assert (np.diff(raw.time) >= 0).all()
    assert all(np.isfinite(s).all() and s.shape == raw.time.shape for s in raw.signals.values())


def test_that_a_growing_file_tells_the_time_of_its_last_whole_point(tmp_path):
    growth = rawfile.Growth(tmp_path / "out.raw")
    assert growth.time() == 0.0
    reached = []
    start = len(header())
    for length in (10, start, start + 31, start + 32, start + 3 * 32 + 5, len(WHOLE)):
        written(tmp_path, WHOLE[:length])
        reached.append(growth.time())
    assert reached == pytest.approx([0.0, 0.0, 0.0, TABLE[0, 0], TABLE[2, 0], TABLE[4, 0]])

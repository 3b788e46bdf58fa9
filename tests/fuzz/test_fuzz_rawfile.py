"""Raw files of ngspice, attacked: cut short, of any counts, with any bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.foundation.errors import FileError
from arcs_engine.simulation.ngspice import rawfile

NAMES = ("time", "v(out)", "i(l1)", "i(@d1[id])")

POINTS = 5

ODD_COUNTS = ("-1", "0", "1e3", "9" * 15, "9" * 16, "9" * 5000, "٣", "4 4", "", "0x4", "4.0", "7")
ODD_NAMES = ("", "time", "\t", "v(out)\n", "i(@", "@[]", "V(OUT)", "µ" * 300)
ODD_NUMBERS = (-1.0, 1e300, -1e300, 1.7e308, np.nan, np.inf, -np.inf, 5e-324)


@st.composite
def files(draw):
    """A file of a few points with up to three lies in it."""
    names, table = list(NAMES), [[k * 1e-6, 1.0, -0.5 * k, 0.0] for k in range(POINTS)]
    variables, points, flags, kind = str(len(names)), str(POINTS), "real", "Binary"
    if draw(st.booleans()):
        kind = "Values"
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.integers(0, 6)):
            case 0:
                variables = draw(st.sampled_from(ODD_COUNTS))
            case 1:
                points = draw(st.sampled_from(ODD_COUNTS))
            case 2:
                names[draw(st.integers(0, len(names) - 1))] = draw(st.sampled_from(ODD_NAMES))
            case 3:
                row = table[draw(st.integers(0, POINTS - 1))]
                row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(ODD_NUMBERS))
            case 4:
                table[draw(st.integers(0, POINTS - 1))].append(draw(st.sampled_from(ODD_NUMBERS)))
            case 5:
                flags = draw(st.sampled_from(["complex", "", "real padded", "unreal"]))
            case 6:
                names.insert(draw(st.integers(0, len(names))), draw(st.sampled_from(ODD_NAMES)))
    lines = [
        "Title: * test",
        f"Flags: {flags}",
        f"No. Variables: {variables}",
        f"No. Points: {points}",
        "Variables:",
        *(f"\t{k}\t{name}\tvoltage" for k, name in enumerate(names)),
        f"{kind}:",
    ]
    body = b"".join(np.array(row).tobytes() for row in table)
    if kind == "Values":
        shown = (f"{k}\t" + "\t".join(map(repr, row)) for k, row in enumerate(table))
        body = "\n".join(shown).encode()
    return "\n".join(lines).encode() + b"\n" + body


@st.composite
def damaged(draw):
    content = bytearray(draw(files()))
    for share, byte in draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4)):
        content[int(share * (len(content) - 1))] = byte
    at = int(draw(st.floats(0, 1)) * len(content))
    content[at:at] = draw(st.binary(max_size=12))
    return bytes(content[: int(draw(st.floats(0, 2)) * len(content))])


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("raw") / "out.raw"


def check_read(path, content):
    """Read a result: numbers that can be worked with, or an error in words."""
    path.write_bytes(content)
    try:
        raw = rawfile.read(path)
    except FileError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 500
        return
    assert len(raw.time) >= 1
    assert raw.time[0] >= 0
    assert np.isfinite(raw.time).all()
    assert (np.diff(raw.time) >= 0).all()
    for signal in raw.signals.values():
        assert signal.shape == raw.time.shape
        assert np.isfinite(signal).all()


@given(files())
def test_that_any_raw_file_is_read_or_refused_in_words(path, content):
    check_read(path, content)


@given(damaged())
def test_that_any_damaged_raw_file_is_read_or_refused_in_words(path, content):
    check_read(path, content)


@given(st.one_of(st.binary(max_size=100), st.binary(max_size=20).map(lambda b: b * 5000)))
def test_that_any_bytes_are_refused_in_words(path, content):
    check_read(path, content)


@given(damaged())
def test_that_any_growing_file_tells_a_time_that_can_be_shown(path, content):
    path.write_bytes(content)
    growth = rawfile.Growth(path)
    assert growth.size() == len(content)
    reached = growth.time()
    assert 0 <= reached < np.inf
    path.write_bytes(content + b"\x00" * 64)  # the header is remembered, the file has grown
    assert 0 <= growth.time() < np.inf

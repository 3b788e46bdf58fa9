"""Measured loop gains are read from the files that analysers write, and nonsense is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.analysis.measured_response import LARGEST_FILE, read_response
from arcs_engine.foundation.errors import FileError

BODE = "Frequency (Hz),Magnitude (dB),Phase (°)\n100,40,95\n1000,20,90\n10000,0,60\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="loop.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_that_the_phase_of_an_analyser_is_counted_from_the_point_of_instability(write):
    found = read_response(write(BODE))
    assert found.turned
    assert found.frequency == pytest.approx([100, 1000, 10000])
    assert found.gain == pytest.approx([40, 20, 0])
    assert found.phase == pytest.approx([-85, -90, -120])


def test_that_a_phase_that_counts_so_already_stays(write):
    found = read_response(write("100,40,-85\n1000,20,-90\n10000,0,-120\n"))
    assert not found.turned
    assert found.phase == pytest.approx([-85, -90, -120])


@pytest.mark.parametrize(
    "text",
    [
        "Frequency (kHz);Gain (dB);Phase (deg)\n0,1;40;95\n1;20;90\n10;0;60\n",
        "\ufeffFreq/Hz\tMagn/dB\tPhase/deg\n100\t40\t95\n1000\t20\t90\n10000\t0\t60\n",
        "made by an analyser\n\nFrequency,Phase,Gain\n10000,60,0\n1000,90,20\n100,95,40\n",
        '"Frequency (Hz)","Trace 1: Gain: Magnitude (dB)","Trace 1: Gain: Phase (°)"\r\n'
        "1.0E+2,40,95\r\n1e3,20,90\r\n1e4,0,60\r\n",
        "100,40,95\n1000,20,90\n10000,0,60,\n",
    ],
)
def test_that_other_separators_units_orders_and_titles_say_the_same(write, text):
    found, expected = read_response(write(text)), read_response(write(BODE, "other.csv"))
    assert found.frequency == pytest.approx(expected.frequency)
    assert found.gain == pytest.approx(expected.gain)
    assert found.phase == pytest.approx(expected.phase)


def test_that_a_phase_that_wraps_goes_on(write):
    rows = "".join(
        f"{10 * 2**k},{30 - 6 * k},{(170 - 30 * k + 180) % 360 - 180}\n" for k in range(8)
    )
    found = read_response(write(rows))
    assert np.diff(found.phase) == pytest.approx([-30] * 7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no measured response"),
        ("a,b,c\n", "holds no measured response"),
        ("100,40,95\n", "holds no measured response"),
        ("100,40\n200,30\n", "holds no measured response"),
        ("100,40,95\nx,y,z\n", "Line 2 of loop.csv does not hold"),
        ("100,40,95\n200,nan,90\n", "Line 2 of loop.csv does not hold"),
        ("100,40,95\n-200,20,90\n", "frequency of -200; it must be positive"),
        ("100,40,95\n200,4000,90\n", "gain of 4000 dB"),
        ("100,40,95\n100,30,90\n", "names a frequency twice"),
        ("Frequency,Gain,Temperature\n100,40,95\n200,30,90\n", "no column of the phase"),
        (b"\x00\xff\xfe\x89PNG", "holds no measured response"),
    ],
)
def test_that_nonsense_is_refused_in_one_sentence(write, text, said):
    with pytest.raises(FileError, match=said) as raised:
        read_response(write(text))
    assert str(raised.value).count(". ") == 0
    assert str(raised.value).endswith(".")


def test_that_a_file_that_is_not_there_or_too_large_is_named(write, tmp_path):
    with pytest.raises(FileError, match=r"none\.csv cannot be read"):
        read_response(tmp_path / "none.csv")
    with pytest.raises(FileError, match="cannot be read"):
        read_response(write(b"1" * (LARGEST_FILE + 1)))


@given(st.text(alphabet='0123456789.,;\t\n-+eE Hzk"°adnifgq', max_size=120))
def test_that_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("fuzz") / "loop.csv"
    path.write_text(text, encoding="utf-8")
    try:
        found = read_response(path)
    except FileError:
        return
    assert (np.diff(found.frequency) > 0).all()
    assert np.isfinite(found.phase).all()

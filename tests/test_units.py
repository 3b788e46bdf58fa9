import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.foundation.errors import QuantityError
from arcs_engine.foundation.units import (
    _Shown,
    format_quantity,
    parse_fraction,
    parse_quantity,
    parse_range,
    parse_share,
    parse_temperature,
)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4u7", "H", 4.7e-6),
        ("4.7uH", "H", 4.7e-6),
        ("4.7 µH", "H", 4.7e-6),  # micro sign
        ("4.7 \u03bcH", "H", 4.7e-6),  # Greek mu
        ("4.7\u00a0µH", "H", 4.7e-6),  # no-break space
        ("22uh", "H", 22e-6),
        ("10uf", "F", 10e-6),
        ("4R7", "Ω", 4.7),
        ("R47", "Ω", 0.47),
        ("4.7 \u2126", "Ω", 4.7),  # ohm sign
        ("20 mohm", "Ω", 20e-3),
        ("2k2", "Ω", 2200.0),
        ("4k7", "Ω", 4700.0),
        ("2k2Ω", "Ω", 2200.0),
        ("3V3", "V", 3.3),
        ("100k", "Hz", 100e3),
        ("100 kHz", "Hz", 100e3),
        ("100 KHZ", "Hz", 100e3),
        ("1M", "Hz", 1e6),
        ("1Meg", "Hz", 1e6),
        ("1MEG", "Ω", 1e6),
        ("1m", "Ω", 1e-3),
        (".1u", "F", 0.1e-6),
        ("1e-6", "H", 1e-6),
        ("1E3", "V", 1000.0),
        ("1,5", "V", 1.5),
        ("0,125", "V", 0.125),
        ("+12 V", "V", 12.0),
        ("0.5", "", 0.5),
        ("0", "V", 0.0),
    ],
)
def test_that_quantities_are_read_as_engineers_write_them(text, unit, value):
    assert parse_quantity(text, unit, "x") == value


def test_that_mega_and_milli_differ_by_their_case():
    assert parse_quantity("1 MΩ", "Ω", "x") == 1e9 * parse_quantity("1 mΩ", "Ω", "x")


@pytest.mark.parametrize(
    "text",
    [
        "abc", "12 V DC", "1.2.3", "1..2", "4.7uF", "12 A", "1e", "--5", "5 e", "1 2", "٣", "0x10",
        "nan", "inf", "-inf", "1e400", "1e-400", "-9", "1e99", "1,500", "1,2,3", "5\n6", "1_000",
        "∞",
    ],
)  # fmt: skip
def test_that_nonsense_is_refused_with_field_typed_text_and_example(text):
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, "V", "--vout")
    message = str(caught.value)
    assert message.startswith("--vout")
    assert text.replace("\n", "?") in message
    assert "12 V" in message or "write" in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["5f", "5 f", "4f7"])
def test_that_a_letter_which_is_prefix_and_unit_is_refused_with_both_readings(text):
    with pytest.raises(QuantityError, match=r"Cout: .* may mean [0-9.]+ fF or [0-9.]+ F; write"):
        parse_quantity(text, "F", "Cout")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("5F", "F", 5.0), ("5fF", "F", 5e-15), ("5ff", "F", 5e-15), ("4f7F", "F", 4.7e-15),
        ("5uf", "F", 5e-6), ("10h", "H", 10.0), ("5m", "Hz", 5e-3), ("5f", "H", 5e-15),
    ],
)  # fmt: skip
def test_that_a_letter_of_one_meaning_keeps_it(text, unit, value):
    assert parse_quantity(text, unit, "x") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_that_an_empty_field_is_called_empty(text):
    with pytest.raises(QuantityError, match="--fsw is empty; an example is 300 kHz"):
        parse_quantity(text, "Hz", "--fsw")


def test_that_absurdly_long_text_is_refused_and_cut_in_the_message():
    with pytest.raises(QuantityError, match="too long") as caught:
        parse_quantity("1" * 100_000, "V", "--vin")
    assert len(str(caught.value)) < 150


def test_that_control_characters_are_not_repeated_to_the_terminal():
    with pytest.raises(QuantityError) as caught:
        parse_quantity("5\x1b[31m", "V", "--vin")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("12", (12.0, 12.0, 12.0)),
        ("12±10%", (10.8, 12.0, 13.2)),
        ("12+-10%", (10.8, 12.0, 13.2)),
        ("12 V +/- 10 %", (10.8, 12.0, 13.2)),
        ("12 V ± 1.2 V", (10.8, 12.0, 13.2)),
        ("9..36", (9.0, 22.5, 36.0)),
        ("9..12..36 V", (9.0, 12.0, 36.0)),
        ("9 to 36V", (9.0, 22.5, 36.0)),
        (".5..1.5", (0.5, 1.0, 1.5)),
        ("500m..2", (0.5, 1.25, 2.0)),
        ("36-57", (36.0, 46.5, 57.0)),
        ("9-36V", (9.0, 22.5, 36.0)),
        ("9V-36V", (9.0, 22.5, 36.0)),
        ("9 - 36 V", (9.0, 22.5, 36.0)),
        ("9\u201336 V", (9.0, 22.5, 36.0)),  # en dash
        ("9 \u2212 36", (9.0, 22.5, 36.0)),  # minus sign
        ("9-12-36", (9.0, 12.0, 36.0)),
        ("4.5-.6e1", (4.5, 5.25, 6.0)),
        ("3V3-5", (3.3, 4.15, 5.0)),
        ("1e-3", (1e-3, 1e-3, 1e-3)),  # an exponent is no range
        ("1E-3 V", (1e-3, 1e-3, 1e-3)),
        ("1e-3-2e-3", (1e-3, 1.5e-3, 2e-3)),
    ],
)
def test_that_ranges_are_read_in_every_form(text, bounds):
    assert parse_range(text, "V", "--vin") == pytest.approx(bounds)


def test_that_a_prefix_on_the_last_number_of_a_range_holds_for_all():
    for text in ("100..300 kHz", "100-300 kHz"):
        assert parse_range(text, "Hz", "--fsw") == pytest.approx((100e3, 200e3, 300e3))


@pytest.mark.parametrize(
    "text",
    [
        "36..9", "12±200%", "1..2..3..4", "12±", "..", "9..", "±5", "a..b",
        "36-9", "1-2-3-4", "-", "9-", "-9", "-9-36", "9--36", "9..-36", "9-..36", "1e -3", "a-b",
    ],
)  # fmt: skip
def test_that_broken_ranges_are_refused(text):
    with pytest.raises(QuantityError, match="--vin"):
        parse_range(text, "V", "--vin")


@pytest.mark.parametrize(
    ("text", "value"), [("1%", 0.01), ("1 %", 0.01), ("0.01", 0.01), ("0,5 %", 0.005), ("90%", 0.9)]
)
def test_that_fractions_are_read_with_and_without_per_cent(text, value):
    assert parse_fraction(text, "--ripple") == value


@pytest.mark.parametrize("text", ["%", "x%", "5", "-1%", "1%%", "nan", "1 V", "", "50m", "1k%"])
def test_that_what_is_no_fraction_is_refused(text):
    with pytest.raises(QuantityError, match="--ripple"):
        parse_fraction(text, "--ripple")


def test_that_a_number_above_one_suggests_per_cent():
    with pytest.raises(QuantityError, match="write 5 %"):
        parse_fraction("5", "--ripple")


@pytest.mark.parametrize(
    ("text", "share"),
    [("50mV", 0.01), ("50 mV", 0.01), ("0,05 volt", 0.01), ("50 mv", 0.01), ("1%", 0.01)],
)
def test_that_a_share_is_a_fraction_or_a_part_in_the_unit_of_the_whole(text, share):
    assert parse_share(text, 5.0, "V", "--ripple") == pytest.approx(share)


@pytest.mark.parametrize("text", ["50m", "50 mA", "-50mV", "V", "mV", "5", ""])
def test_that_what_is_no_share_is_refused(text):
    with pytest.raises(QuantityError, match="--ripple"):
        parse_share(text, 5.0, "V", "--ripple")


@pytest.mark.parametrize("whole", [0.0, math.nan])
def test_that_a_part_of_an_unknown_whole_is_not_known(whole):
    assert math.isnan(parse_share("50mV", whole, "V", "--ripple"))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4.7e-6, "H", "4.7 µH"),
        (300e3, "Hz", "300 kHz"),
        (12.0, "V", "12 V"),
        (999.96, "Ω", "1 kΩ"),
        (999.94, "Ω", "999.9 Ω"),
        (999.96e-9, "F", "1 µF"),
        (0.0, "V", "0 V"),
        (-0.0, "V", "0 V"),
        (-9.004, "V", "-9.004 V"),
        (0.5, "", "0.5"),
        (math.nan, "V", "—"),
        (math.inf, "V", "—"),
        (664.2, "mm³", "664.2 mm³"),
        (12345.6, "mm³", "12350 mm³"),
        (0.02, "mm³", "0.02 mm³"),
        (-0.0, "mm³", "0 mm³"),
        (3.17e-7, "m³", "317 mm³"),
        (4.2e-5, "m²", "42 mm²"),
        (0.5, "°C", "0.5 °C"),
        (math.nan, "mm³", "—"),
    ],
)
def test_that_quantities_are_written_with_the_right_prefix(value, unit, text):
    assert format_quantity(value, unit) == text


def test_that_fewer_digits_round_up_into_the_next_prefix():
    assert format_quantity(999.6e3, "Hz", digits=3) == "1 MHz"


magnitudes = st.floats(min_value=1e-12, max_value=1e9)
units = st.sampled_from(["V", "A", "Hz", "H", "F", "Ω", "s"])


@given(magnitudes, units)
def test_that_what_is_written_is_read_back(value, unit):
    read = parse_quantity(format_quantity(value, unit), unit, "x")
    assert read == pytest.approx(value, rel=5.1e-4)


@given(magnitudes, units)
def test_that_what_is_written_has_one_to_three_digits_before_the_point(value, unit):
    number = format_quantity(value, unit).split(" ")[0]
    assert 1 <= float(number) < 1000


@given(st.text(max_size=60), units)
def test_that_any_text_is_a_finite_magnitude_or_a_quantity_error(text, unit):
    try:
        value = parse_quantity(text, unit, "x")
    except QuantityError:
        return
    assert math.isfinite(value)
    assert value >= 0


@given(st.text(alphabet="0123456789.,±+-/% to…kmµVeE", max_size=20))
def test_that_any_range_is_ordered_or_a_quantity_error(text):
    try:
        low, nominal, high = parse_range(text, "V", "x")
    except QuantityError:
        return
    assert 0 <= low <= nominal <= high


@pytest.mark.parametrize("text", ["hot", "", "40 K", "4e999", "1" * 400])
def test_that_what_is_no_temperature_is_said_to_be_none(text):
    with pytest.raises(QuantityError, match=r"Ambient: .* is not a temperature in °C.* 40 °C"):
        parse_temperature(text, "Ambient")


@pytest.mark.parametrize("text", ["-20", "-20C", "-20 °C", "\u221220,0 °C"])
def test_that_a_temperature_is_read_with_its_sign(text):
    assert parse_temperature(text, "Ambient") == -20.0


numbers = st.floats(1e-4, 999).map(lambda x: float(f"{x:.4g}"))


@given(numbers, numbers, st.sampled_from(["", "V", " V"]), st.sampled_from(["g", "e"]))
def test_that_a_hyphen_joins_two_numbers_as_dots_do(one, other, unit, form):
    low, high = (f"{x:{form}}" for x in sorted((one, other)))
    dots = parse_range(f"{low}..{high}{unit}", "V", "x")
    for hyphen in ("-", " - ", "\u2013"):
        assert parse_range(f"{low}{hyphen}{high}{unit}", "V", "x") == dots
    assert parse_range(f"{low}{unit}", "V", "x") == (parse_quantity(low, "V", "x"),) * 3


@given(st.integers(0, 999), st.sampled_from("pnumkM"), st.integers(0, 99))
def test_that_a_letter_in_place_of_the_point_means_the_same_as_a_suffix(whole, prefix, decimals):
    assert parse_quantity(f"{whole}{prefix}{decimals}", "F", "x") == parse_quantity(
        f"{whole}.{decimals}{prefix}F", "F", "x"
    )


@given(
    st.floats(1e-18, 1e17).flatmap(lambda x: st.sampled_from([x, -x])),
    st.integers(2, 6),
)
def test_that_the_quick_way_to_write_a_quantity_is_quantiphys(value, digits):
    slow = str(_Shown(value, "V").render(prec=digits - 1))
    assert format_quantity(value, "V", digits) == slow

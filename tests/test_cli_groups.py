"""Groups of options: what a command takes as one value, its user types as options."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from arcs_engine.cli.groups import grouped


@dataclass(frozen=True, kw_only=True)
class Answer:
    seed: Annotated[int, typer.Option(min=0, help="Repeatable.")] = 0
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False


@dataclass(frozen=True, kw_only=True)
class Stored:
    rank: int = 1
    design: Annotated[Path, typer.Argument(metavar="FILE")]


@dataclass(frozen=True, kw_only=True)
class Analysis:
    settings: Annotated[list[str] | None, typer.Option("--set")] = None
    stored: Stored
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class Range:
    low: Annotated[str, typer.Option("--from")]
    spacing: Literal["lin", "log"] = "log"


def program(command):
    app = typer.Typer(add_completion=False)
    app.command()(grouped(command))
    return app


def run(app, *arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def taken():
    return []


@pytest.fixture
def sweep(taken):
    def sweep(over: Range, analysis: Analysis, quantity: Annotated[str, typer.Argument()]) -> None:
        """One quantity moved over a range."""
        taken.append((over, analysis, quantity))

    return program(sweep)


def test_that_a_command_gets_its_groups_made_from_what_was_typed(sweep, taken):
    typed = ["buck.json", "L1", "--from", "1u", "--set", "a=1", "--set", "b=2", "--seed", "7"]
    assert run(sweep, *typed, "--spacing", "lin", "--json").exit_code == 0
    over, analysis, quantity = taken[0]
    assert over == Range(low="1u", spacing="lin")
    assert analysis == Analysis(
        settings=["a=1", "b=2"],
        stored=Stored(design=Path("buck.json")),
        answer=Answer(seed=7, as_json=True),
    )
    assert quantity == "L1"


def test_that_what_is_not_typed_has_the_defaults_of_the_fields_in_every_call(sweep, taken):
    run(sweep, "buck.json", "L1", "--from", "1u", "--seed", "7", "--rank", "0")
    run(sweep, "boost.json", "D1", "--from", "2u")
    assert taken[1] == (
        Range(low="2u", spacing="log"),
        Analysis(stored=Stored(design=Path("boost.json"), rank=1), answer=Answer()),
        "D1",
    )


def test_that_help_lists_options_in_the_order_of_the_fields(sweep):
    command = typer.main.get_command(sweep)
    names = ["low", "spacing", "settings", "rank", "design", "seed", "as_json", "quantity"]
    assert [parameter.name for parameter in command.params] == names
    assert command.name == "sweep"
    assert "One quantity moved over a range." in run(sweep, "--help").output


@pytest.mark.parametrize(
    ("typed", "missing"),
    [([], "FILE"), (["buck.json"], "quantity"), (["buck.json", "L1"], "--from")],
)
def test_that_the_first_that_is_missing_is_named(sweep, taken, typed, missing):
    answered = run(sweep, *typed)
    assert (answered.exit_code, taken) == (2, [])
    assert f"'{missing}'" in answered.output


def test_that_what_a_field_refuses_is_refused(sweep, taken):
    answered = run(sweep, "buck.json", "L1", "--from", "1u", "--seed", "-1")
    assert (answered.exit_code, taken) == (2, [])
    assert "--seed" in answered.output


def test_that_a_command_without_groups_is_as_it_was(taken):
    def show(name: str, lines: int = 10) -> None:
        taken.append((name, lines))

    assert run(program(show), "train-1", "--lines", "3").exit_code == 0
    assert taken == [("train-1", 3)]


def test_that_two_options_of_one_name_are_refused_when_the_command_is_made():
    def twice(answer: Answer, seed: int = 0) -> None:
        """Never made."""

    with pytest.raises(ValueError, match="duplicate parameter name: 'seed'"):
        grouped(twice)

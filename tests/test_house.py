"""The order of the house: each thing in one place, small functions, few parameters."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "arcs_engine"
MOST_PARAMETERS = 5
MEAN_PARAMETERS = 1.7
SHARE_OVER_MOST = 0.03
LONGEST_FUNCTION = 100


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages or ("arcs_engine",):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def functions(*packages: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for place, module in modules(*packages):
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef):
                yield f"{place}:{node.lineno} {node.name}", node


def parameters(function: ast.FunctionDef) -> int:
    """Count what a caller passes; the object and class of a method do not count."""
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args)]
    own = names[:1] in (["self"], ["cls"])
    return len(names) - own + len(given.kwonlyargs) + bool(given.vararg) + bool(given.kwarg)


def test_that_functions_of_the_engine_take_few_parameters():
    counts = {place: parameters(function) for place, function in functions()}
    wide = {place: count for place, count in counts.items() if count > MOST_PARAMETERS}
    assert sum(counts.values()) / len(counts) < MEAN_PARAMETERS
    assert len(wide) / len(counts) < SHARE_OVER_MOST, wide


def test_that_no_function_outgrows_its_verb():
    lengths = {
        place: function.end_lineno - function.lineno + 1
        for place, function in functions("arcs_engine", "arcs_gui", "packaging")
    }
    assert {place: lines for place, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_that_the_roots_of_the_packages_are_rooms():
    """A reader sees the rooms; beside them stand the ways in alone."""
    known = {"__init__", "__main__", "app", "ports"}
    for package in ("arcs_engine", "arcs_gui"):
        loose = {path.stem for path in (ROOT / package).glob("*.py")} - known
        assert len(loose) <= 2, loose


def places_where(matches) -> set[str]:
    """Return the modules that hold an expression of a kind."""
    return {place for place, module in modules() if any(map(matches, ast.walk(module)))}


def names_in(node: ast.AST) -> set[str]:
    """Return the names and attributes that an expression speaks of."""
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def compares(node: ast.AST, what: str, limits: set[str]) -> bool:
    """Say whether a comparison holds a figure against what a spec says of it."""
    if not isinstance(node, ast.Compare):
        return False
    sides = [names_in(side) for side in (node.left, *node.comparators)]
    told = any(any(what in name.lower() for name in side) for side in sides)
    return told and any(side & limits for side in sides)


def test_that_the_ripple_is_compared_with_the_allowed_one_in_one_place():
    def matches(node):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        own = [names_in(s) for s in sides]
        return len(own) == 2 and all(any("ripple" in name for name in side) for side in own)

    found = places_where(lambda node: compares(node, "ripple", {"allowed"}))
    assert found == {"arcs_engine/performance/limits.py"}
    assert places_where(matches) <= {"arcs_engine/bench/agreement.py"}, "solver against ngspice"


def test_that_the_tolerance_of_the_output_stands_in_one_place():
    def matches(node):
        return isinstance(node, ast.Name) and node.id == "VOUT_TOLERANCE"

    assert places_where(matches) == {"arcs_engine/performance/limits.py"}


def test_that_the_cost_has_one_formula():
    """A weight times one thing plus the rest of it, 1 - weight, times another."""

    def matches(node):
        rest = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
        return rest and isinstance(node.left, ast.Constant) and "weight" in names_in(node.right)

    assert places_where(matches) == {"arcs_engine/performance/cost.py"}


def test_that_no_import_hides_in_a_string():
    def matches(node):
        called = node.func if isinstance(node, ast.Call) else None
        return called is not None and names_in(called) & {"import_module", "__import__"} != set()

    found = {
        place
        for place, module in modules("arcs_engine", "arcs_gui")
        if any(map(matches, ast.walk(module)))
    }
    assert found == set()


def test_that_what_decides_a_verdict_a_file_or_a_deck_is_held_at_full_line_coverage():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    run, report = settings["coverage"]["run"], settings["coverage"]["report"]
    held = {
        "analysis": {"design_file"},
        "foundation": {"units"},
        "performance": {"candidates", "cost", "limits", "verdict"},
        "simulation/netlist": {"converter", "deck"},
    }
    files = {f"arcs_engine/{room}/{name}.py" for room, names in held.items() for name in names}
    assert set(run["include"]) == files
    assert all((ROOT / file).is_file() for file in files), "coverage skips what is not there"
    assert report["fail_under"] == 100
    assert not {"omit", "exclude_lines", "exclude_also"} & (run.keys() | report.keys())
    sources = [(ROOT / file).read_text(encoding="utf-8") for file in files]
    assert not any("no cover" in source for source in sources)

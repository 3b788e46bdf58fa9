"""The physics hash: which physics a figure, a data set or a model was made with."""

import ast
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

_MODULES = ("assess.py", "circuit.py", "eseries.py", "evaluate.py", "losses.py", "parts.py")
_PACKAGES = ("steady", "topologies")

UNKNOWN = "unknown"
"""The hash where the program was installed without its sources."""


@cache
def physics_hash() -> str:
    """Return sixteen hexadecimal digits that change with whatever decides a design's figures.

    They are taken from the syntax trees of the parts rules, the topologies, the solver, the loss
    models and the judge. What decides no figure does not count: comments, docstrings, formatting,
    messages (f-strings) and drawings.
    """
    root = files("arcs_engine")
    folders = [sorted(root.joinpath(p).iterdir(), key=lambda f: f.name) for p in _PACKAGES]
    sources = [root.joinpath(name) for name in _MODULES] + [f for folder in folders for f in folder]
    try:
        trees = [_figures_of(file) for file in sources if file.name.endswith(".py")]
    except FileNotFoundError:
        return UNKNOWN
    return sha256("\n".join(trees).encode()).hexdigest()[:16]


def _figures_of(file: Traversable) -> str:
    tree = _Stripped().visit(ast.parse(file.read_text(encoding="utf-8")))
    return ast.dump(tree)


class _Stripped(ast.NodeTransformer):
    """Takes out what decides no figure."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Drop docstrings and other strings that stand alone."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Drop the text of messages."""
        return ast.Constant("")

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        """Drop drawings."""
        drawing = any(isinstance(t, ast.Name) and t.id == "drawing" for t in node.targets)
        return None if drawing else self.generic_visit(node)

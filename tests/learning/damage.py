"""Files as others may have left them: damaged by a disk, or written with intent."""

import contextlib
import io
import json
import resource
import unicodedata

from hypothesis import strategies as st

from arcs_engine.foundation.errors import InputError

LITTLE = 32_000
"""Kilobytes that reading a small file may take for a moment."""

DEEP = b"[" * 20_000
NASTY = ("\x1b[31mred\x1b[0m", "[red]b[/red]", "<b>b</b>", "a\nb", "\u202eb", "\x9b2J", "x" * 5000)

numbers = st.one_of(
    st.sampled_from([0, -1, 1, 10**26, 10**400, 1e308, -1e308, 0.5, 2**63, float("nan")]),
    st.integers(),
    st.floats(),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(NASTY), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def _paths(document, place=()):
    found = [place] if place else []
    if isinstance(document, dict):
        for key, inner in document.items():
            found += _paths(inner, (*place, key))
    elif isinstance(document, list):
        for key, inner in enumerate(document):
            found += _paths(inner, (*place, key))
    return found


@st.composite
def changed_documents(draw, document):
    """JSON in which entries have another value, are missing or surplus."""
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 3))):
        paths = _paths(document)
        if not paths:
            break
        *outer, last = draw(st.sampled_from(paths))
        inner = document
        for key in outer:
            inner = inner[key]
        match draw(st.sampled_from(["other", "other", "missing", "surplus"])):
            case "other":
                inner[last] = draw(values)
            case "missing":
                del inner[last]
            case "surplus" if isinstance(inner, dict):
                inner[draw(st.text(max_size=8))] = draw(values)
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")


@st.composite
def damaged_bytes(draw, content, begin=None):
    """A content with other bytes in places, a block of zeros, or less of it.

    Args:
        draw: by hypothesis.
        content: the whole one.
        begin: how many bytes of its beginning are damaged more often than the rest.
    """
    whole = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        longest = draw(st.sampled_from([len(whole), min(begin or len(whole), len(whole))]))
        place = draw(st.integers(0, max(0, longest - 1)))
        match draw(st.sampled_from(["flip", "zeros", "cut", "insert", "deep"])):
            case "flip" if whole:
                whole[place] = draw(st.integers(0, 255))
            case "zeros":
                whole[place : place + draw(st.integers(1, 600))] = bytes(draw(st.integers(1, 600)))
            case "cut":
                del whole[place:]
            case "insert":
                whole[place:place] = draw(st.binary(min_size=1, max_size=8))
            case "deep":
                whole[place:place] = DEEP
    return bytes(whole)


def damaged(document):
    """Whatever a file of JSON may hold instead of a document."""
    whole = json.dumps(document).encode()
    return st.one_of(
        changed_documents(document), damaged_bytes(whole), st.binary(max_size=40), st.just(DEEP)
    )


@contextlib.contextmanager
def frugal():
    """Fail what makes the process larger than it ever was by more than `LITTLE`."""
    before = _largest()
    yield
    assert _largest() - before < LITTLE


def _largest():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def printed(command, *arguments, **options):
    """Return what a command prints, on stdout and stderr, if it does not refuse."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        with contextlib.suppress(InputError):
            command(*arguments, **options)
        return out.getvalue(), err.getvalue()


def is_safe(text):
    """Whether a terminal shows a text and obeys nothing in it."""
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in text if c != "\n")

"""One word per thing: the glossary's banned words are nowhere in docs, code and messages."""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

WORDS = {
    r"hand[- ]?design(s|ed)?|hand_design|HandDesign|classic": "textbook design",
    r"polish(ed|es|ing)?|descents?": "local search",
    r"walk(s|ed|ing)?": "local search",
    r"jobs? panel|training jobs?": "run",
    r"(the|an|this) app": "window",
    r"stored energy (as a size|\(size\))|stand-in for size|loss(es)? (and|against|or) (stored )?"
    r"energy": "volume",
}
"""Banned words, as whole words, and the word of the glossary that takes their place."""

CONTRACTS = re.compile(
    r"(random|textbook-centred)-polished|textbook-centred random polished|"
    r"model best-of-\S+ polished|\*[Pp]olished\*|\*polish\*|polished_p\d+_ms|polish_ms|"
    r"\.(un)?polish\(|\.descent\(|\.walk\(|[' \"]polished[' \"]|def _walk\(|_walk, |[' ]polished'"
)
"""Names of search methods, rows and fields, which stay for those who read them, and Qt's."""

CIRCUIT_WALKS = re.compile(
    r"docs/tokens\.md|arcs_engine/model/tokens/|arcs_engine/learning/training/config\.py|"
    r"tests/|CHANGELOG\.md"
)
"""Where a walk is one through a circuit, which is the word of graph theory, or a test's own way."""

IDENTIFIERS = re.compile(r"\b(Cout_esr|Q1_rds_on|T1_lm|T1_n|buck_boost)\b")
"""Names of the program that users read as something else, such as *ESR of Cout*."""

A_FOR_PER = re.compile(
    r"\d[\d.,]*( (?!of\b)[\w-]+)? an? (second|topology|period|epoch|bin|cycle|action|line|turn)\b"
)


def texts(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in listed.stdout.split()
        if (ROOT / name).exists() and ROOT / name != Path(__file__).resolve()
    }


def glossary():
    """Return the words that stand for a word of the glossary no more, by that word."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.count(" | ") >= 2]
    start = next(n for n, row in enumerate(rows) if row[:2] == ["word", "meaning"])
    return {row[0]: row[2] if len(row) > 2 else "" for row in rows[start + 1 :]}


def spoken(name, text):
    """Return what may hold no banned word: all but contracts and the glossary's own column."""
    if name == "ARCHITECTURE.md":
        text = re.sub(r"(?m)^(\| [^|]+ \| [^|]+ \|).*\|$", r"\1", text)
    return CONTRACTS.sub("", text)


def prose(text):
    """Return a page without code and without the targets of links."""
    text = re.sub(r"(?s)```.*?```", "", text)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", text)


@pytest.mark.parametrize("banned", WORDS)
def test_that_a_banned_word_is_nowhere(banned):
    pattern = re.compile(rf"(?<![\w-])({banned})(?![\w-])", re.IGNORECASE)
    found = [
        (name, match.group(0), f"say {WORDS[banned]}")
        for name, text in texts("*.md", "*.py").items()
        if not (banned.startswith("walk") and CIRCUIT_WALKS.match(name))
        for match in pattern.finditer(spoken(name, text))
    ]
    assert found == []


@pytest.mark.parametrize(("banned", "word"), WORDS.items())
def test_that_the_glossary_has_the_word_in_place_of_a_banned_one(banned, word):
    pattern = re.compile(rf"({banned})", re.IGNORECASE)
    assert pattern.search(glossary()[word])


def test_that_a_banned_word_would_be_seen():
    assert re.search(next(iter(WORDS)), spoken("docs/app.md", "The hand design costs 1."))
    assert "polished" in spoken("docs/search.md", "a design that is polished")
    assert "classic" not in spoken("ARCHITECTURE.md", "| textbook design | rank 0 | classic |")


def test_that_prose_names_quantities_as_engineers_do():
    found = [
        (name, match.group(0))
        for name, text in texts("*.md").items()
        if "measurements" not in name and name != "docs/textbook.md"
        for match in IDENTIFIERS.finditer(prose(text))
    ]
    assert found == []


def test_that_the_pages_for_users_show_no_identifiers_of_values():
    for name in ("README.md", "ARCHITECTURE.md", "docs/app.md", "docs/walkthrough.md"):
        assert IDENTIFIERS.findall((ROOT / name).read_text(encoding="utf-8")) == []


def test_that_rates_are_given_per_something():
    found = [
        (name, match.group(0))
        for name, text in texts("*.md").items()
        for match in A_FOR_PER.finditer(prose(text))
    ]
    assert found == []


def test_that_messages_give_rates_per_something():
    """Checked on the strings of the program, docstrings among them."""
    found = []
    for name, text in texts("arcs_engine/*.py", "arcs_gui/*.py").items():
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.STRING:
                found += [(name, m.group(0)) for m in A_FOR_PER.finditer(token.string)]
    assert found == []

"""The docs are whole: every rule that is named exists, nothing points outside the repository."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

RULE = re.compile(r"^- \*\*([A-Z]\d+)\.", re.MULTILINE)
REFERENCE = re.compile(r"[Rr]equirements?\s+([A-Z]\d+)(?:\s+(?:to|and)\s+([A-Z]\d+))?")


@pytest.fixture(scope="module")
def texts():
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in listed.stdout.split()
        if (ROOT / name).exists()
    }


@pytest.fixture(scope="module")
def rules(texts):
    return RULE.findall(texts["docs/requirements.md"])


def test_that_every_requirement_has_a_number_of_its_own(rules):
    assert len(rules) > 60
    assert sorted(rules) == sorted(set(rules))


def test_that_every_requirement_that_is_named_exists(texts, rules):
    named = {
        (name, rule)
        for name, text in texts.items()
        for found in REFERENCE.findall(text)
        for rule in found
        if rule
    }
    assert len(named) > 40
    assert {(name, rule) for name, rule in named if rule not in rules} == set()


def test_that_links_of_the_docs_lead_to_what_is_in_the_repository(texts):
    link = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)")
    broken = [
        (name, target)
        for name, text in texts.items()
        if name.endswith(".md")
        for target in link.findall(text)
        if not (ROOT / name).parent.joinpath(target).resolve().is_relative_to(ROOT)
        or not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_that_no_text_refers_to_a_document_that_is_not_here(texts):
    pages = {Path(name).name for name in texts}
    page = re.compile(r"(?<!-o )\b([A-Z]{3,}(?:-[A-Z]+)*\.md)\b|\bDESIGN,? section|\.\./shared\b")
    own = Path(__file__).relative_to(ROOT).as_posix()
    strange = [
        (name, found.group(0))
        for name, text in texts.items()
        if name != own
        for found in page.finditer(text)
        if found.group(1) not in pages
    ]
    assert strange == []


def anchors(text):
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def test_that_links_lead_to_headings_that_are_there(texts):
    link = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)#([^)\s]+)\)")
    known = {(ROOT / name).resolve(): anchors(text) for name, text in texts.items()}
    broken = []
    for name, text in texts.items():
        page = (ROOT / name).resolve()
        for target, anchor in link.findall(text) if name.endswith(".md") else ():
            if anchor not in known[(page.parent / target).resolve() if target else page]:
                broken.append((name, target, anchor))
    assert broken == []

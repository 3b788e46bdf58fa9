"""Text from outside, made safe to show.

Names, reasons and notes are read from files that anybody may have written. A terminal obeys the
control characters in a text, and some characters hide or reverse what stands beside them.
"""

import unicodedata


def plain(text: str) -> str:
    r"""Return a text as one line, with what cannot be seen in it written out, such as ``\x1b``."""
    return "".join(c if _is_seen(c) else c.encode("unicode_escape").decode() for c in text)


def plain_lines(text: str) -> str:
    """Return a text with its line ends, each line `plain`."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _is_seen(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"

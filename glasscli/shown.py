"""Text of a file, a name, a stored command line as it may reach a terminal or a page: seen, never obeyed."""

from __future__ import annotations

import unicodedata

# What changes a screen, the order or the looks of a line unseen: controls (escape sequences begin with one),
# formats (marks that turn its direction, zero widths), halves of characters (names that are no UTF-8), line breaks.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: str, kept: str = "") -> str:
    """The text with each character that would not be seen written out (\\x1b, \\u202e), but for those in `kept`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c in kept or unicodedata.category(c) not in _UNSEEN else c.encode("unicode_escape").decode()
        for c in text
    )


def lines(text: str) -> str:
    """Several lines of ours with what they quote shown."""
    return shown(text, "\n\t")


def several(count: int, noun: str) -> str:
    """So many of what is called so: "1 step", "2 steps"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"

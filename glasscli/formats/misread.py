"""Numbers that OVITO takes for others: it reads as far as it understands, "0,5" as 0 and Fortran's "1.5D-01" as 1.5."""

from __future__ import annotations

import re

# Something like it anywhere, which is quick to look for; a whole word of it.
_LIKE = re.compile(rb"[0-9.][,dD][+-]?[0-9]")
_WORD = re.compile(rb"(?<!\S)[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:,[0-9]|[dD][+-]?[0-9])\S*")
_REMARK = re.compile(rb"#[^\n]*")


def misread(text: bytes) -> tuple[bytes, int] | None:
    """The first such number of some lines, and in which line, from 0; None without. Remarks behind # are none."""
    if not (b"," in text or b"d" in text or b"D" in text) or not _LIKE.search(text):
        return None
    plain = _REMARK.sub(b"", text)
    found = _WORD.search(plain)
    return (found[0], plain.count(b"\n", 0, found.start())) if found else None

"""Which LAMMPS commands a system may use: a file may come from a stranger.

Only what a model needs is let through, and nothing that LAMMPS would expand, continue, or hand to a program.
"""

from __future__ import annotations

import re

ALLOWED_COMMANDS = frozenset(
    {"pair_style", "pair_coeff", "pair_modify", "mass", "special_bonds", "kspace_style", "kspace_modify",
     "dielectric", "comm_modify", "newton"}
)  # fmt: skip
# Styles that load code or talk to other programs, and those that would be another model without a fix.
CODE = "runs code from outside LAMMPS"
CHARGES = "needs charges that a fix finds at every step, which a system has not,"
REFUSED_STYLES = dict.fromkeys(
    ("python", "mliap", "kim", "quip", "mdi", "plugin", "pace/extrapolation"), CODE
)
REFUSED_STYLES |= dict.fromkeys(("reaxff", "comb", "comb3", "coul/streitz", "coul/ctip", "smtbq"), CHARGES)
# LAMMPS takes any number, and counts with it: beyond these it dies without a word.
MOST, MOST_IN_COMM = 1e15, 1e3
# LAMMPS opens these through a shell pipe.
COMPRESSED = (".gz", ".bz2", ".zst", ".xz", ".lzma", ".lz4")


def check_command(line: str) -> None:
    """Raise ValueError unless `line` is one plain LAMMPS command that defines a model."""
    shown = line if len(line) < 80 else line[:77] + "..."
    if not line.isprintable():
        raise ValueError(f"line break or control character in the command {shown!r}: one command a line")
    if re.search(r"[$`&|\\]", line):
        raise ValueError(f"variables, substitutions and continuations are refused in the command {shown!r}")
    words = line.split()
    if not words or words[0] not in ALLOWED_COMMANDS:
        name = words[0] if words else ""
        raise ValueError(
            f"command {name!r} is refused in {shown!r}; a system may use {', '.join(sorted(ALLOWED_COMMANDS))}"
        )
    most = MOST_IN_COMM if words[0] == "comm_modify" else MOST
    for word in words[1:]:
        if (size_of(word) or 0.0) > most:
            raise ValueError(f"the number {word} in {shown!r} is beyond {most:g}")
    if words[0] in ("pair_style", "pair_coeff", "kspace_style"):
        for word in words[1:]:
            plain = word.strip("\"'").lower()
            style = re.sub(r"/(omp|opt|gpu|intel|kk)$", "", plain)
            if reason := CODE if plain.endswith(".py") else REFUSED_STYLES.get(style):
                raise ValueError(f"style {word!r} {reason} and is refused in {shown!r}")
            if plain.endswith(COMPRESSED):
                raise ValueError(f"compressed file {word!r} is refused in {shown!r}: unpack it first")


def size_of(word: str) -> float | None:
    """The magnitude of a number; None of what is none."""
    try:
        return abs(float(word))
    except ValueError:
        return None


def may_be_file(word: str) -> bool:
    """Whether a word of a command can be a file's name: a file that is called 1 is no coefficient."""
    return len(word) < 256 and "\0" not in word and size_of(word) is None and word != "*"

"""How much one command takes on before it asks: what comes from somebody else's file is counted before it is made.

Every limit has a name; `--limit NAME=NUMBER` raises it for one command and, through the environment, for what that
command starts.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from glasscli.errors import InputError, near

VARIABLE = "GLASSCLI_LIMITS"
# name: (number, what is counted). A number of None is asked of the machine.
LIMITS: dict[str, tuple[float | None, str]] = {
    "runs": (100_000, "runs of a study or an ensemble"),
    "steps": (1e11, "MD steps of a run"),
    "atoms": (2e6, "atoms of a sample"),
    "ranks": (None, "MPI processes of a sample; by default the cores of this machine"),
    "toml": (1e6, "bytes of a system's, protocol's or cluster's file"),
    "records": (2e8, "bytes of a folder's record of tasks or jobs"),
    "potential": (2e8, "bytes of a potential file"),
    "memory": (None, "bytes that LAMMPS may take in this process; by default 1 GB and 20 kB an atom"),
}
DEEPEST = 100  # tables within tables of a text; those we write have five
_MEMORY, _MEMORY_AN_ATOM = 1e9, 2e4


def limit(name: str) -> float:
    """The number of a limit."""
    raised = _raised().get(name)
    if raised is not None:
        return raised
    number, _ = LIMITS[name]
    return float(os.cpu_count() or 1) if number is None and name == "ranks" else float(number or math.inf)


def check(name: str, number: float, where: str) -> None:
    """Raise InputError that begins with `where` when a number is above its limit."""
    if not number <= (most := limit(name)):
        raise InputError(
            f"{where}: {number:.12g} {LIMITS[name][1].partition(';')[0]}, more than {most:.12g}; "
            f"if that is meant: --limit {name}={number:.12g}"
        )


def raise_limits(words: Sequence[str]) -> None:
    """Take "NAME=NUMBER" of --limit, for this process and what it starts. Raises InputError."""
    given = {**_raised(), **dict(map(_parsed, words))}
    if words:
        os.environ[VARIABLE] = ",".join(f"{name}={number:.17g}" for name, number in given.items())


def raised_words() -> list[str]:
    """The options that raise the same limits in a command elsewhere."""
    return [word for name, number in _raised().items() for word in ("--limit", f"{name}={number:.17g}")]


def _raised() -> Mapping[str, float]:
    return dict(_parsed(word) for word in os.environ.get(VARIABLE, "").split(",") if word)


def _parsed(word: str) -> tuple[str, float]:
    name, _, text = word.partition("=")
    if name not in LIMITS:
        raise InputError(f"--limit {word}: there is no limit {name!r}{near(name, LIMITS)}")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not number > 0:
        raise InputError(f"--limit {word}: write {name}=NUMBER, of {LIMITS[name][1]}")
    return name, number


def parse_json(text: str | bytes) -> Any:
    """What a JSON text of a file says. Raises ValueError, also for one too deep."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("tables within tables without end") from error


def check_depth(value: object) -> None:
    """Raise ValueError for tables or lists within others deeper than anything we write."""
    layer: list[object] = [value]
    for _ in range(DEEPEST):
        inner = (v.values() if isinstance(v, dict) else v if isinstance(v, list) else () for v in layer)
        layer = [one for several in inner for one in several]
        if not layer:
            return
    raise ValueError(f"tables within tables, more than {DEEPEST} deep")


@contextmanager
def bounded_memory(atoms: int) -> Iterator[None]:
    """While the block runs, the memory that LAMMPS may take fits so many atoms: a wild cutoff is an error."""
    import resource

    kept = resource.getrlimit(resource.RLIMIT_DATA)
    most = _raised().get("memory", _MEMORY + _MEMORY_AN_ATOM * atoms)
    wanted = int(min(most + _data_bytes(), 2**62))
    hard = kept[1]
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, kept)


def _data_bytes() -> int:
    """Bytes of data that this process has now; 0 where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmData:")), 0)
    except OSError:
        return 0

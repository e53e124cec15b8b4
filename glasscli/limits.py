"""How much one command takes on before it asks: what a file asks for is counted before memory or time is taken.

Each limit is far beyond what glasscli is used for. `--allow NAME=NUMBER` changes one for a command and what it starts,
by the variable of the environment that changes it for all.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from glasscli.errors import FileError, GlassError, InputError, near

PREFIX = "GLASSCLI_MAX_"


@dataclass(frozen=True)
class Limit:
    """One limit: the variable of the environment that changes it, its usual value, and what it counts."""

    variable: str
    usual: float
    what: str

    @property
    def name(self) -> str:
        """What --allow calls it."""
        return self.variable.removeprefix(PREFIX).lower()

    @property
    def given(self) -> float | None:
        """What was asked for instead of its usual value. Raises InputError for what is not a positive number."""
        text = os.environ.get(self.variable, "")
        return self.parsed(text) if text else None

    @property
    def value(self) -> float:
        """What holds now."""
        given = self.given
        return self.usual if given is None else given

    def parsed(self, text: str) -> float:
        """A value as it is written. Raises InputError."""
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not value > 0:
            raise InputError(f"{self.variable}={text!r} is not a positive number ({self.what})")
        return value

    def check(self, asked: float, where: object, error: type[GlassError] = FileError) -> None:
        """Raise an error where `where` asks for more."""
        if not asked <= self.value:
            raise error(
                f"{where}: {asked:.12g} {self.what}, more than the limit of {self.value:.12g}; if it is meant so: "
                f"--allow {self.name}={asked:.12g}"
            )


# Of files and their frames.
ATOMS = Limit("GLASSCLI_MAX_ATOMS", 2e7, "atoms in one configuration")
BYTES = Limit("GLASSCLI_MAX_BYTES", 1e9, "bytes to be read at once")
TEXT = Limit("GLASSCLI_MAX_TEXT", 64e6, "bytes of text")
EXPANSION = Limit("GLASSCLI_MAX_EXPANSION", 200, "bytes unpacked from each compressed one")
# Of what is asked for.
RUNS = Limit("GLASSCLI_MAX_RUNS", 1e5, "runs")
STEPS = Limit("GLASSCLI_MAX_STEPS", 1e11, "MD steps of a run")
SAMPLE = Limit("GLASSCLI_MAX_SAMPLE", 2e6, "atoms to be simulated")
RANKS = Limit("GLASSCLI_MAX_RANKS", os.cpu_count() or 1, "ranks on the cores of this machine")
THREADS = Limit("GLASSCLI_MAX_THREADS", max(64, 2 * (os.cpu_count() or 1)), "threads of a process")
TOML = Limit("GLASSCLI_MAX_TOML", 5e5, "bytes of a file that people write")
POTENTIAL = Limit("GLASSCLI_MAX_POTENTIAL", 2e8, "bytes of a potential")
MEMORY = Limit(
    "GLASSCLI_MAX_MEMORY", 1e9, "bytes of memory for a sample or a file, besides what its size takes"
)
LIMITS = {
    limit.name: limit
    for limit in (ATOMS, BYTES, TEXT, EXPANSION, RUNS, STEPS, SAMPLE, RANKS, THREADS, TOML, POTENTIAL, MEMORY)
}
DECADES = 100  # of a number, to either side of 1
DEEPEST = 100  # tables within tables of a text; those we write have five
MEMORY_AN_ATOM = 2e4  # of a sample that LAMMPS sets up
MEMORY_A_BYTE = 50.0  # of a file that a library reads: "0 0 0" is an atom with all that is kept of one


def beyond_physics(number: float) -> bool:
    """Whether a finite number is so large, or so near to 0, that its powers and ratios are none."""
    return bool(number) and abs(math.log10(abs(number))) > DECADES


def raise_limits(words: Sequence[str]) -> None:
    """Take "NAME=NUMBER" of --allow, for this process and what it starts. Raises InputError, for others too."""
    for word in words:
        name, _, text = word.partition("=")
        if name not in LIMITS:
            raise InputError(f"--allow {word}: there is no limit {name!r}{near(name, LIMITS)}")
        LIMITS[name].parsed(text)
        os.environ[LIMITS[name].variable] = text
    for limit in LIMITS.values():
        limit.value  # noqa: B018


def raised_words() -> list[str]:
    """The options that set the same limits in a command elsewhere."""
    given = {limit.name: os.environ.get(limit.variable) for limit in LIMITS.values()}
    return [word for name, text in given.items() if text for word in ("--allow", f"{name}={text}")]


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
def bounded_memory(fitting: float) -> Iterator[None]:
    """While the block runs, a library may take so many bytes and MEMORY more: wild cutoffs and counts are errors."""
    import resource

    kept = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = int(min(MEMORY.value + fitting + _data_bytes(), 2**62))
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

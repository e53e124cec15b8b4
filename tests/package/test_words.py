"""Every table's header, axis, legend, JSON key and line is held to the units and the species of its file.

Sixty commands over files of one to four species, in every system of units that there is and in none. Where a unit
system is added, it is tried too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from glasscli.cli import main
from glasscli.cli.edge import Invocation, Outcome, resolve
from glasscli.units import UNIT_SYSTEMS, WITHOUT_SYSTEM
from tests.mixtures import BOLTZMANN, SCALES, names_of, write_frames, write_system

SPELLED = {"σ": "sigma", "ε": "epsilon", "τ": "tau"}
# Radii of mixtures of two sizes; no other system here states any.
TWO_SIZES = (0.5, 0.4)
# Keys below these are numbers of other things than species: orders of bonds, sizes of clusters.
COUNTED = {"bond_order", "cluster_sizes", "histogram", "rings", "king_rings", "primitive", "king", "qn"}
ONE_SPECIES = [
    "analyze {file} --system {system} --measure all --jobs 1",
    "eos fcc --system {system} --points 9 --at {volume} --figure e.png --table e.csv",
]
MORE = [*ONE_SPECIES, "build fcc-{last} --system {system} --ideal --volume-per-atom {volume} -o b.xyz"]
PAIR = [
    *MORE,
    "eos b2 fcc-{last} --system {system} --points 9 --mix b2,fcc-{last} --composition 0.7 --figure m.png",
    "show {file}",
    "export {file} --system {system} -o out.data",
    "modes {file} --system {system} --count 8 --soft 1 -o modes",
    "theory excitations {file} --system {system} --shell {shell} --reach {reach} -o excitations",
    "render {file} --system {system} --view icosahedra --renderer matplotlib --width 200 -o picture.png",
    "build random --system {system} --atoms 60 -o liquid.data",
    "quench --system {system} --atoms 200 --steps 400 --equilibration 20 --inherent-every 50 --T-start {hot} "
    "--T-end {cold} -o quench.h5",
    "show quench.h5",
    "anneal quench.h5 --T {warm} --steps 300 --every 30 --inherent-every 30 -o anneal.h5",
    "hybrid quench.h5 --T {warm} --steps 100 --every 20 --inherent-every 50 -o hybrid.h5",
    "analyze anneal.h5 --jobs 1",
    "analyze hybrid.h5 --moving --measure displacements,ttt --jobs 1",
    "landscape events anneal.h5 -o events",
]
# Columns without a unit: names, counts, shares, and what is a ratio. Of any other the header names it.
PURE = re.compile(
    r"id|atom|species|step|phase|file|mode|kind|hybrid|event|i|j|met|string|same_as|atoms|origins|bonds|modified_bonds"
    r"|index <.*>|class .*|atoms in cluster|clusters per frame|(modified_)?order_\d+|mean_order|\w+_coordination"
    r"|[gS]_.+|part_.+|f_ico.*|fraction.*|icosahedr.*|crystalline|laves.*|irregular|disclination_bonds|\w+_fraction"
    r"|F_s.*|alpha2.*|overlap.*|chi4.*|N_k|ratio|plane_waves|eta|xi|softness|softening|transition|damped|error|reached|censored|early"
    r"|pair|neighbours|share|formers|primitive|king|\w+_per_former|n|Qn_.+"
    r"|Z1\d|c14|c15|close_packed|largest_cluster|percolates_[xyz]|[qw]\d(_averaged)?|s2|tetrahedrality"
)
# One column of each table that has units, as its header names them: of lj, metal, real units.
HEADED = {
    "frames": ("max_force (ε/σ)", "max_force (eV/Å)", "max_force (kcal/mol/Å)"),
    "local-energy": ("volume (σ³)", "volume (Å³)", "volume (Å³)"),
    "domains": ("chord_laves (σ)", "chord_laves (Å)", "chord_laves (Å)"),
    "network-coordination": ("length (σ)", "length (Å)", "length (Å)"),
    "topology": ("disclination_length (σ)", "disclination_length (Å)", "disclination_length (Å)"),
    "pdf": ("r (σ)", "r (Å)", "r (Å)"),
    "structure-factor": ("q (σ⁻¹)", "q (Å⁻¹)", "q (Å⁻¹)"),
    "modes": ("frequency (1/τ)", "frequency (rad/ps)", "frequency (rad/fs)"),
    "spots": ("z (σ)", "z (Å)", "z (Å)"),
    "heat": ("temperature (ħ/(k_B τ))", "temperature (K)", "temperature (K)"),
    "ttt": ("temperature (ε/k)", "temperature (K)", "temperature (K)"),
    "excitations": ("E (ε)", "E (eV)", "E (kcal/mol)"),
    "events": ("dE (ε)", "dE (eV)", "dE (kcal/mol)"),
    "e": ("energy_per_atom (ε)", "energy_per_atom (eV)", "energy_per_atom (kcal/mol)"),
}
NAMELESS = ["analyze {file} --measure all --jobs 1", "show {file}"]
CASES = [
    *(
        (units, n, (), ONE_SPECIES if n == 1 else PAIR if n == 2 else MORE)
        for units in UNIT_SYSTEMS
        for n in (1, 2, 3, 4)
    ),
    *((units, 2, TWO_SIZES, MORE) for units in UNIT_SYSTEMS),
    *((None, n, (), NAMELESS) for n in (1, 2, 3, 4)),
]


@dataclass
class Said:
    """What was said where: lines and words in order."""

    columns: list[str] = field(default_factory=list)
    headers: dict[str, list[str]] = field(default_factory=dict)  # of each table
    drawn: list[str] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)  # (key above, key)
    lines: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Every one of them."""
        return [*self.columns, *self.drawn, *(key for _, key in self.keys), *self.lines]


@pytest.fixture
def said(tmp_path, monkeypatch) -> Said:
    """Takes the texts of figures where they would be saved."""
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    found = Said()

    def savefig(self: Figure, path: Any, **options: Any) -> None:
        texts = {text.get_text() for text in self.findobj(Text)}
        found.drawn.extend(sorted(texts - {""}))
        Path(path).write_bytes(b"a figure")

    monkeypatch.setattr(Figure, "savefig", savefig)
    monkeypatch.chdir(tmp_path)
    return found


def run(line: str) -> Outcome:
    """A command line in this process."""
    words = line.split()
    found, rest = resolve(main, words)
    outcome = found.main(rest, standalone_mode=False, obj=Invocation.of(words))
    assert isinstance(outcome, Outcome) and outcome.exit_code == 0, line
    return outcome


def keys(data: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """(key above, key) of all of a JSON object; of "Q^n by species" what lies below the species, too."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield above, key
            yield from keys(value, "qn" if above == "qn_by_species" else key)
    elif isinstance(data, list):
        for value in data:
            yield from keys(value, above)


TIMED = {
    "time": "time_unit", "bound": "time_unit", "lag": "lag_unit", "tau_alpha": "tau_alpha_unit",
    "tau_alpha_bound": "tau_alpha_unit", "mean_waiting": "waiting_unit", "diagram": "diagram_unit",
}  # fmt: skip


def untimed(data: Any, said: frozenset[str] = frozenset()) -> Iterator[str]:
    """Keys of times whose unit stands neither beside them nor above."""
    if isinstance(data, list):
        for value in data:
            yield from untimed(value, said)
    elif isinstance(data, dict):
        said |= {key for key in data if key.endswith("_unit")}
        yield from (key for key in data if TIMED.get(key, "time_unit") not in said and key in TIMED)
        for key, value in data.items():
            # A diagram's numbers are in the unit that it has.
            yield from untimed(value, said | {"time_unit"} if key == "diagram" else said)


def symbols(units: Any) -> set[str]:
    """The words that name units: letters of another alphabet, and those of several letters but for plain words."""
    fields = [
        value for name, value in vars(units).items() if name.endswith(("_unit", "_length", "_wave_number"))
    ]
    words = {word for text in fields for word in re.findall(r"[^\W\d_]+", text)}
    words -= {word for text in vars(WITHOUT_SYSTEM).values() for word in re.findall(r"[^\W\d_]+", text)}
    words = {word for word in words if len(word) > 1 or word == "K" or not word.isascii()} - {"rad"}
    return words | {SPELLED[word] for word in words & set(SPELLED)}


def wrong_units(units: str | None, text: str) -> list[str]:
    """Symbols of other systems of units in a text; tau_alpha is none."""
    own = symbols(UNIT_SYSTEMS[units]) if units else set()
    own = own | {"ps"} if units == "real" else own  # lengths of runs, beside time steps in fs
    others = set().union(*map(symbols, UNIT_SYSTEMS.values())) - own
    return [word for word in others if re.search(rf"(?<![^\W\d_]){word}(?![^\W\d]|_)", text)]


def has(word: str, text: str) -> bool:
    return re.search(rf"(?<![^\W_]){word}(?![^\W_])", text) is not None


@pytest.mark.parametrize(
    ("units", "n", "radii", "commands"), CASES,
    ids=[f"{u or 'no-units'}-{n}{'-two-sizes' if r else ''}" for u, n, r, _ in CASES],
)  # fmt: skip
def test_words_are_those_of_the_file(said, tmp_path, units, n, radii, commands):
    names = names_of(units or "metal", n)
    names = names if units else tuple(sorted(names))  # names alone have an order of their own
    length, energy, _, _ = SCALES[units or "lj"]
    kelvin = energy / BOLTZMANN[units or "lj"]
    file = write_frames(tmp_path / "mixture.xyz", names, length)
    system = write_system(tmp_path / "mixture.toml", units, n, radii) if units else None
    values = {
        "file": file.name, "system": system and system.name, "last": names[-1], "volume": 0.85 * length**3,
        "shell": 1.4 * length, "reach": 2 * length, "hot": 2 * kelvin, "warm": 0.3 * kelvin, "cold": 0.05 * kelvin,
    }  # fmt: skip
    for line in commands:
        outcome = run(line.format(**values))
        said.keys += keys(outcome.data)
        assert list(untimed(outcome.data)) == [], line
        said.lines += [*outcome.text.splitlines(), *outcome.notes]
    for table in sorted(tmp_path.glob("*.csv")):
        with table.open(newline="") as rows:
            comments, header = [], ""
            for row in rows:
                if not row.startswith("#"):
                    header = row
                    break
                comments.append(row)
            said.headers[table.stem] = next(csv.reader([header]))
            said.columns += [*said.headers[table.stem], *comments]
    assert said.drawn and said.columns and said.keys
    assert {word: text for text in said.all for word in wrong_units(units, text)} == {}
    bare = {
        c for header in said.headers.values() for c in header if not c.endswith(")") and not PURE.fullmatch(c)
    }
    assert bare == set()
    for table, header in said.headers.items():
        if units and (expected := HEADED.get(re.sub("^(mixture|anneal|hybrid|modes|events)-", "", table))):
            assert expected[list(UNIT_SYSTEMS).index(units)] in header, table
    sized = [text for text in said.all if re.search(r"(?<![a-z])(small|large)(?![a-z])", text)]
    assert bool(sized) == bool(radii), sized
    assert not radii or any(f"of the small atoms ({names[1]})" in text for text in said.lines)
    numbered = [c for c in said.columns if re.match(r"[gS]_\d|.*species_\d|part_\d", c)]
    assert numbered + [d for d in said.drawn if re.search(r"species \d|^\d[-–]\d$", d)] == []
    assert [key for above, key in said.keys if re.fullmatch(r"\d\d?", key) and above not in COUNTED] == []
    pairs = [f"{names[a]}-{names[b]}" for a in range(n) for b in range(a, n)]
    for pair in pairs:
        assert {f"g_{pair}", f"S_{pair}"} <= set(said.columns) and ("partials", pair) in said.keys
        assert n == 1 or pair in said.drawn
    for name in names:
        assert {f"f_ico_{name}", f"fraction_of_{name}"} <= set(said.columns)
        assert n == 1 or any(has(name, text) for text in said.drawn if "atoms" in text), name


def test_forty_commands():
    assert sum(len(commands) for *_, commands in CASES) >= 40 and set(SCALES) >= set(UNIT_SYSTEMS)


def test_a_foreign_unit_is_found():
    """What is held is held: one wrong word of each kind is seen."""
    assert wrong_units("metal", "r (sigma)") == ["sigma"] and wrong_units("metal", "q (σ⁻¹)") == ["σ"]
    assert wrong_units("lj", "E (eV)") == ["eV"] and wrong_units(None, "12 ps") == ["ps"]
    assert wrong_units("metal", r"$\tau_\alpha$, tau_alpha (Å)") == [] == wrong_units("lj", "ε/σ³ of 5τ")

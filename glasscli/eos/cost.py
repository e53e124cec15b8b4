"""What equations of state will take: a few volumes of each phase are computed, and the others counted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.eos.curves import CURVE_HIGH, CURVE_LOW
from glasscli.eos.equations import Question, checked
from glasscli.eos.free_energy import POINTS
from glasscli.eos.local import crystal_means
from glasscli.eos.states import structure_of
from glasscli.eos.vibrations import ForceConstants, mesh, supercell
from glasscli.errors import EngineError, MissingPackageError
from glasscli.formats.source import open_in
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.report.sample_picture import sample_picture
from glasscli.simulation.cost import Estimate
from glasscli.simulation.pieces import piece
from glasscli.simulation.timed import Timed
from glasscli.structures.build import rest_volume
from glasscli.structures.phases import Phase
from glasscli.structures.relax import CrystalEnergy

# Volumes of a phase that are relaxed; so many more than those of its table are: where its minimum lies, for its bulk
# modulus; of both phases of a mixture.
TIMED, BESIDE, MIXED = 3, 25, 60
# Atoms of a structure of which a block is measured.
BLOCK = 10_000
# Memory (measured): of a process, of an atom of a structure; bytes of a picture, and of a line of the table.
PROCESS, AN_ATOM, PICTURE, A_LINE = 240e6, 1100.0, 120_000, 60


def eos_cost(
    system: System, question: Question, structure: Path | None = None, figure: bool = False, table: bool = False,
    species: Sequence[str] | None = None,
) -> Estimate:  # fmt: skip
    """What `states` takes, in a process like this one that does nothing else; arguments and errors as its own."""
    timed, q = Timed(), question
    atoms = open_in(structure, system, species)[-1] if structure else None
    phases, mix = checked(system, q)
    seconds = {"curves": 0.0, "vibrations": 0.0, "structure": 0.0}
    with progress("pilot", len(phases), "phases") as advance:
        for done, phase in enumerate(phases, start=1):
            curve, vibrating = _phase(system, phase, q, timed)
            mixed = mix is not None and phase.name in {one.name for one in mix}
            seconds["curves"] += curve * (q.points * 1.1 + BESIDE + MIXED * mixed)
            seconds["vibrations"] += POINTS * vibrating
            advance(done, phase.name)
    if structure and atoms:
        few = piece(atoms, BLOCK)
        one = timed.each([partial(structure_of, structure, few, system)] * 2)
        seconds["structure"] = one * atoms.n_atoms / few.n_atoms
    a_picture = 0.0
    if figure:
        with TemporaryDirectory() as scratch:
            a_picture = timed.each([partial(sample_picture, Path(scratch) / f"{k}.png") for k in range(3)])
    hours = {"to begin and to end": timed.overhead / 3600, "pictures": a_picture / 3600}
    hours |= {what: value / 3600 for what, value in seconds.items()}
    n = 0 if atoms is None else atoms.n_atoms
    laws = {"time": "phases x volumes" + (", N of the structure" if structure else "")}
    if q.temperature:
        laws["time of vibrations"] = "phases x atoms of a cell x atoms within two cutoffs of one"
    laws |= {"disk": "phases x volumes", "memory": "N of the structure"}
    size = PICTURE * figure + A_LINE * q.points * len(phases) * table
    said = f"timed by {TIMED} volumes of each of {len(phases)} phases"
    return Estimate(sum(hours.values()), size, PROCESS + AN_ATOM * n, 0, n, 0, hours, laws, (said,))


def _phase(system: System, phase: Phase, q: Question, timed: Timed) -> tuple[float, float]:
    """Seconds of one volume of a phase's table, and of the vibrations at one."""
    with Forces(system) as forces:
        crystal = CrystalEnergy(phase, forces)
        # Looked for by the real curve too: it comes once, and is in what begins.
        centre = rest_volume(crystal, system.defaults.volume_per_atom, relaxed=False)
        crystal.relaxed(centre)
        step = (CURVE_HIGH / CURVE_LOW) ** (1 / (q.points - 1))
        cells = [partial(crystal.relaxed, centre * step**k) for k in range(1, TIMED + 1)]
        one = timed.each(cells)
        rest = crystal.relaxed(centre)
        with suppress(MissingPackageError, EngineError), Minimiser(system) as minimiser:
            crystal_means(rest, minimiser)
    if not q.temperature:
        return one, 0.0
    cell = rest.configuration
    wide = supercell(cell, system)
    with Forces(system) as forces:
        forced = timed.each([partial(forces.evaluate, wide)] * 3)
    n, many = cell.n_atoms, wide.n_atoms
    vectors, _ = mesh(cell.box, cell.spacing)
    blank = ForceConstants(np.ones((n, 3, many, 3)), np.zeros((n, many, 3)), np.ones(n), cell.box)
    solved = timed.each([partial(blank.squared_frequencies, k) for k in vectors[:3]])
    return one, 6 * n * forced + len(vectors) * solved + one

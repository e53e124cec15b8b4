"""Systems with charges and diameters, small enough for tests."""

from __future__ import annotations

import itertools

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.model.system import System

SPECIES = """
[[species]]
name = "P"
mass = 1.0
fraction = 0.5
radius = 0.5
charge = {plus}
{more}
[[species]]
name = "M"
mass = 1.5
fraction = 0.5
radius = 0.5
charge = {minus}
{more}
[defaults]
atoms = 200
volume_per_atom = {volume}
T_start = {hot}
T_end = {cold}
equilibration_steps = 200
quench_steps = 1000
"""


def salt(
    commands: list[str], *, charge: float = 1.0, cutoff: float = 2.5, diameter: float | None = None
) -> str:
    """A file of a system in reduced units whose particles repel at short distance and attract by their charges."""
    lines = "\n".join(f"    '{line}'," for line in commands)
    more = "" if diameter is None else f"diameter = {diameter}"
    head = f'name = "salt"\nunits = "lj"\ntimestep = 0.002\ncutoff = {cutoff}\nskin = 0.3\ncommands = [\n{lines}\n]\n'
    return head + SPECIES.format(plus=charge, minus=-charge, more=more, volume=1.2, hot=1.0, cold=0.2)


SOFT = "lepton 2.5", '"4*(r^(-12)-r^(-6)) + A + B*r^2; A=0.06; B=-0.007"'
DSF = ["pair_style hybrid/overlay coul/dsf 0.5 2.5 lj/smooth/linear 2.5", "pair_coeff * * coul/dsf",
       "pair_coeff * * lj/smooth/linear 1.0 1.0"]  # fmt: skip
WOLF = [
    line.replace("coul/dsf 0.5 2.5", "coul/wolf 0.5 2.5").replace("coul/dsf", "coul/wolf") for line in DSF
]
CUT = ["pair_style lj/cut/coul/cut 2.5", "pair_coeff * * 1.0 1.0"]
EWALD = [
    "pair_style lj/cut/coul/long 2.5",
    "pair_modify shift yes",
    "pair_coeff * * 1.0 1.0",
    "kspace_style ewald 1e-5",
]


def rock_salt(edge: float, repeats: int) -> Configuration:
    """Species 1 and 2 in turns on a simple cubic lattice, nearest neighbours half an edge apart."""
    sites = np.array(list(itertools.product(range(2 * repeats), repeat=3)))
    species = (sites.sum(axis=1) % 2 + 1).astype(np.int32)
    return Configuration(sites * edge / 2, species, Box.cube(edge * repeats))


def scattered(n: int, seed: int, edge: float) -> Configuration:
    """As many of either species, no two closer than three quarters of the mean distance."""
    rng = np.random.default_rng(seed)
    box, found = Box.cube(edge), np.empty((0, 3))
    closest = 0.75 * edge / n ** (1 / 3)
    while len(found) < n:
        place = rng.uniform(0, edge, 3)
        if (np.linalg.norm(box.minimum_image(found - place), axis=1) > closest).all():
            found = np.vstack([found, place])
    return Configuration(found, (np.arange(n) % 2 + 1).astype(np.int32), box)


def loaded(tmp_path, text: str) -> System:
    """The system of a file's text."""
    from glasscli.model.system import load_system

    path = tmp_path / "salt.toml"
    path.write_text(text)
    return load_system(str(path))

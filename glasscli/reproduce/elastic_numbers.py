"""Elastic constants of crystals: sums over pairs, the energy's own curvature, and the rest of a printed potential."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.model.system import System, load_system
from glasscli.modes.elastic_tensor import Elastic, from_hessian
from glasscli.modes.hessian import Curvature
from glasscli.modes.minimum import at, settle
from glasscli.reproduce.comparison import Expected, Kind, printed
from glasscli.reproduce.pair_sum import elastic_constants
from glasscli.structures.phases import phase_named

# Close to their rest, and none at it: there is a pressure, of hcp one that is not the same along its axis.
SUMMED = {"fcc-large": 0.88, "hcp-large": 0.90, "c15": 0.66, "c14": 0.66, "b2": 0.70}
_MENDELEV = "M. Mendelev, D. Sordelet, M. Kramer, J. Appl. Phys. 102, 043501 (2007)"
_MISHIN = (
    "Y. Mishin, M. Mehl, D. Papaconstantopoulos, A. Voter, J. Kress, Phys. Rev. B 63, 224106 (2001), EAM1"
)
# Large for rounding, small for the next term, and for the intervals of a table: from one to the next u'' jumps.
STRAIN = 1e-5


def _summed(name: str, rival: float, fails: str) -> Expected:
    what = f"{name}: elastic constants less those of sums over its pairs, of the largest"
    return Expected(f"C {name}", what, "sums over pairs", Kind.EXACT, 0.0, 1e-8, rival=rival, fails=fails)


def _curved(key: str, what: str, rival: float, fails: str) -> Expected:
    words = f"B2 of Cu-Zr at rest: {what} less the energy's curvature, of the largest"
    return Expected(
        key, words, "energies of strained crystals", Kind.EXACT, 0.0, 1e-3, rival=rival, fails=fails
    )


def _copper(constant: str, digits: str, measured: float) -> Expected:
    what = f"fcc Cu by Cu_mishin1.eam.alloy: {constant} at rest (GPa)"
    return printed(f"Cu {constant}", what, digits, _MISHIN, measured, "measured, what it was fitted to")


_PRESSURE, _AFFINE = "the pressure left out", "atoms taken along with space, and no further"
EXPECTED = (
    _summed("fcc-large", 0.015, _PRESSURE),
    _summed("hcp-large", 0.056, _AFFINE),
    _summed("c15", 0.01, _AFFINE),
    _summed("c14", 0.05, _AFFINE),
    _summed("b2", 0.01, _PRESSURE),
    printed("a Cu", "Cu by CuZr_mm.eam.fs: a at rest (Å)", "3.639", _MENDELEV, 3.615, "measured at 300 K"),
    printed(
        "a CuZr", "B2 by CuZr_mm.eam.fs: a at rest (Å)", "3.237", _MENDELEV, 3.208, "at the glass's volume"
    ),
    _curved("CuZr bulk", "C11 + 2 C12", 0.5, "C12 in place of both"),
    _curved("CuZr C'", "C11 - C12", 0.5, "half of it, the modulus of that shear"),
    _curved("CuZr C44", "C44", 0.3, "twice it: the strain of a tensor in place of the angle"),
    _copper("C11", "169.9", 170.0),
    _copper("C12", "122.6", 122.5),
    _copper("C44", "76.2", 75.8),
)


def numbers() -> dict[str, float]:
    """Every number of EXPECTED."""
    found: dict[str, float] = {}
    system = load_system("wahnstrom")
    with Forces(system) as forces:
        for name, volume in SUMMED.items():
            c, elastic = _elastic(phase_named(name, system).cell(volume), forces)
            found[f"C {name}"] = float(
                np.abs(elastic.C - elastic_constants(c)).max() / np.abs(elastic.C).max()
            )
    metal = load_system("cuzr")
    with Forces(metal) as forces:
        copper = at_rest("fcc-Cu", metal, forces, (11.0, 13.5))
        found["a Cu"] = float(copper.box.edges[0])
        b2, elastic = _elastic(at_rest("b2", metal, forces, (16.0, 19.0)), forces)
        found["a CuZr"] = float(b2.box.edges[0])
        C, top = elastic.C, float(np.abs(elastic.C).max())
        along, across, slid = (
            _curvature(b2, e, forces) for e in (np.eye(3), np.diag([1.0, -0.5, -0.5]), _slide())
        )
    found["CuZr bulk"] = abs(C[0, 0] + 2 * C[0, 1] - along / 3) / top
    found["CuZr C'"] = abs(C[0, 0] - C[0, 1] - across / 1.5) / top
    found["CuZr C44"] = abs(C[3, 3] - slid) / top
    copper_alone, each = _mishin(metal), metal.unit_system.gigapascals
    assert each is not None
    with Forces(copper_alone) as forces:
        _, elastic = _elastic(at_rest("fcc", copper_alone, forces, (11.0, 12.5)), forces)
    C = elastic.C * metal.unit_system.pressure_per_energy_density * each
    return found | {"Cu C11": float(C[0, 0]), "Cu C12": float(C[0, 1]), "Cu C44": float(C[3, 3])}


def _mishin(metal: System) -> System:
    """Copper alone, by another potential than the mixture's."""
    copper = next(species for species in metal.species if species.name == "Cu")
    return System.model_validate(
        metal.model_dump()
        | {
            "name": "copper", "cutoff": 5.50679, "species": [copper.model_dump() | {"fraction": 1.0}],
            "commands": ("pair_style eam/alloy", "pair_coeff * * Cu_mishin1.eam.alloy Cu"),
        }
    )  # fmt: skip


def at_rest(name: str, system: System, forces: Forces, volumes: tuple[float, float]) -> Configuration:
    """A phase at the volume, between two per atom, where it has no pressure."""
    phase = phase_named(name, system)
    volume = brentq(lambda v: float(forces.evaluate(phase.cell(v)).stress.sum()), *volumes, xtol=1e-10)
    return phase.cell(volume)


def _elastic(cell: Configuration, forces: Forces) -> tuple[Configuration, Elastic]:
    curvature = Curvature(forces)
    rest = settle(cell, forces, curvature)
    return rest.configuration, from_hessian(rest.configuration, rest.hessian, curvature, forces)


def _slide() -> Floats:
    e = np.zeros((3, 3))
    e[1, 2] = 1.0
    return e


def _curvature(c: Configuration, direction: Floats, forces: Forces) -> float:
    """Second derivative of the energy per volume as space goes by a strain along `direction` [3, 3], its atoms too."""

    def energy(strain: float) -> float:
        gradient = np.eye(3) + strain * direction
        box = c.box.of(c.box.vectors @ gradient.T)
        return forces.evaluate(at(c, c.positions @ gradient.T, box)).energy * c.n_atoms

    return (energy(STRAIN) + energy(-STRAIN) - 2 * energy(0.0)) / STRAIN**2 / c.volume

"""Crystals of the Wahnström mixture: lattice sums, the equation-of-state numbers, what Voronoi cells say of them."""

from __future__ import annotations

from contextlib import ExitStack

from glasscli.engine.forces import Forces
from glasscli.eos.curves import phase_curve
from glasscli.eos.mixture import mixture
from glasscli.model.system import load_system
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import icosahedral_fraction, tessellate
from glasscli.reproduce.comparison import Expected
from glasscli.reproduce.pair_sum import energy_per_atom
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named

VOLUME = 0.767
_D = "Derlet & Maass 2019"
SUMMED = ("c15", "c14", "b2", "c11b", "hcp-large", "fcc-small")
EXPECTED = (
    *(
        Expected(f"sum {name}", f"{name}: LAMMPS minus a direct lattice sum", 0.0, 1e-9, "exact")
        for name in SUMMED
    ),
    Expected("c15 E", "C15: lowest energy", -7.885, 1e-3, "independent"),
    Expected("c15 V", "C15: V/N there", 0.658, 1e-3, "independent"),
    Expected("c15 at", "C15: energy at V/N = 0.767", -7.313, 1e-3, "independent"),
    Expected("hcp E", "hcp (large): lowest energy", -7.472, 1e-3, "independent"),
    Expected("hcp V", "hcp (large): V/N there", 0.932, 1e-3, "independent"),
    Expected("b2 at", "B2 minus C15 at V/N = 0.767", 0.0, 0.05, f"{_D}, Fig. 5: comparable"),
    Expected("mix E", "C15 + hcp at V/N = 0.767: energy", -7.7, 5e-3, f"{_D}, Eqs. 2-3"),
    Expected("mix V c15", "C15 + hcp: V/N of C15", 0.69, 6e-3, f"{_D}, Eqs. 2-3"),
    Expected("mix V hcp", "C15 + hcp: V/N of hcp", 1.00, 1e-2, f"{_D}, Eqs. 2-3"),
    Expected("c15 f_ico", "C15: share of <0,0,12,0>", 2 / 3, 1e-12, f"{_D}, Sec. III B"),
    Expected("c15 laves", "C15: locally Laves", 1.0, 1e-12, "exact"),
    Expected("c14 laves", "C14: locally Laves", 1.0, 1e-12, "exact"),
    Expected("b2 f_ico", "B2: share of <0,0,12,0>", 0.0, 1e-12, "exact"),
)


def numbers() -> dict[str, float]:
    """Every number of EXPECTED. Raises MissingPackageError where OVITO does not run."""
    system = load_system("wahnstrom")
    found: dict[str, float] = {}
    for name in SUMMED:
        cell = phase_named(name, system).cell(0.7)
        with Forces(system) as forces:
            found[f"sum {name}"] = forces.evaluate(cell).energy - energy_per_atom(cell)
    with ExitStack() as stack:
        c15, hcp, b2 = (
            phase_curve(phase_named(n, system), stack.enter_context(Forces(system)), VOLUME, 41, (VOLUME,)).curve
            for n in ("c15", "hcp-large", "b2")
        )  # fmt: skip
        assert c15.minimum and hcp.minimum
        found |= {"c15 V": c15.minimum[0], "c15 E": c15.minimum[1], "c15 at": c15.energy(VOLUME)}
        found |= {"hcp V": hcp.minimum[0], "hcp E": hcp.minimum[1]}
        found["b2 at"] = b2.energy(VOLUME) - found["c15 at"]
        both = mixture(c15, hcp, 0.5, VOLUME)
    found |= {"mix E": both.energy, "mix V c15": both.volumes["c15"], "mix V hcp": both.volumes["hcp-large"]}
    for name in ("c15", "c14", "b2"):
        crystal = build_crystal(system, phase_named(name, system), volume=0.7).configuration
        cells = tessellate(crystal, bonds=True)
        found[f"{name} f_ico"] = icosahedral_fraction(cells, crystal.species).all
        found[f"{name} laves"] = laves_test(cells, crystal.species).fraction
    return found

"""What moves atoms between exchanges: which samplers there are, and which is taken.

hmc       stretches of dynamics that Metropolis accepts or not: exact at any step (engine/own/legs.py)
nvt, npt, langevin  LAMMPS's: what they sample is off by the square of the step
"""

from __future__ import annotations

from typing import Literal, get_args

from glasscli.errors import InputError
from glasscli.model.protocol import Ensemble
from glasscli.model.system import System

SamplerName = Literal["hmc", "nvt", "npt", "langevin"]
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)
TRIALS: SamplerName = "hmc"
# The step that a system states for its exchanges is for so many atoms: the error of the total energy grows as
# step^2 n^(1/2), and with it what is refused. It is for glasses, up to this share of the melt's temperature: hotter
# atoms meet harder (of four mixtures about as many trials are accepted with this power of T).
STATED_FOR, STATED_UP_TO, HOTTER = 500, 0.25, 1 / 3
# It is Verlet's, of atoms of their own masses; as many are accepted of steps by twos that are so much longer.
BY_TWOS = 1.35


def sampler_of(asked: SamplerName | None, ensemble: Ensemble, possible: bool) -> SamplerName:
    """The sampler of a hybrid: as asked for, else trials where they are possible, else LAMMPS's of the ensemble.

    Raises InputError for what cannot be.
    """
    constant = ensemble.kind == "nvt"
    if asked is None:
        return TRIALS if possible and constant else ensemble.kind
    if asked == TRIALS:
        if not possible:
            raise InputError(
                "--sampler hmc moves atoms by glasscli's own forces and exchanges them itself: leave out --forces "
                "lammps, --lmp, --ranks and --engine-mc lammps, or take another sampler"
            )
        if not constant:
            raise InputError(
                f"--sampler hmc is at constant volume, this run is {ensemble.kind}: leave one of them out"
            )
    elif asked != ensemble.kind:
        raise InputError(
            f"--sampler {asked} and the ensemble {ensemble.kind} are not one: give --ensemble {asked} too"
        )
    return asked


def step_of_trials(system: System, atoms: int, temperature: float) -> float:
    """The time step of trials where none is asked for: the system's, shorter for more atoms and in melts."""
    stated = BY_TWOS * (system.exchange_timestep or 2 * system.timestep)
    hotter = temperature / (STATED_UP_TO * system.defaults.T_start)
    return float(stated * min(1.0, (STATED_FOR / atoms) ** 0.25) / max(1.0, hotter) ** HOTTER)

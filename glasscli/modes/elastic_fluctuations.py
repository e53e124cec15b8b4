"""Elastic constants from how the stress fluctuates at a temperature: no minimum, no Hessian.

    C = <born> - V/kT <dsigma dsigma> + kinetic

(J. Lutsko, J. Appl. Phys. 65, 2991 (1989); K. Yoshimoto et al., Phys. Rev. Lett. 93, 175501 (2004), Eqs. 1-5): what the
stress does when all atoms go with space, less what they take of it by going elsewhere. sigma is minus the pressure
tensor, its kinetic part included, at constant volume and temperature. The same slopes of the stress as in
`modes.elastic_tensor`: momenta go against space (p F = const), so that the kinetic part, beside <born> of the virial
alone, is NkT/V times 3 on the normal diagonal, 1 beside it and 1 on the shear diagonal. Of an ideal gas, whose stress
fluctuates by NkT/V times 2, 0 and 1, this leaves B = NkT/V and no shear modulus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.modes.elastic_tensor import Elastic, by_differences, check, of_pairs
from glasscli.modes.hessian import Curvature

# Stretches of a run that errors take as independent; fewer values of the stress than FEWEST in each say nothing.
BLOCKS, FEWEST = 16, 20


@dataclass(frozen=True)
class Fluctuating:
    """Elastic constants at a temperature with errors: standard ones, by leaving out one stretch of the run at a time.

    errors  of C [6, 6]; shear, bulk, their errors: Voigt's means, which are sums of C
    halves  the same shear modulus of both halves of the run, each about its own mean stress
    """

    elastic: Elastic
    errors: Floats
    shear: float
    shear_error: float
    bulk: float
    bulk_error: float
    halves: tuple[float, float]

    def data(self, unit: float = 1.0) -> dict[str, Any]:
        """The contract object, in pressures: `unit` of them are an energy per volume."""
        return self.elastic.data(unit) | {
            "C_error": (self.errors * unit).tolist(), "G_voigt": self.shear * unit, "G_error": self.shear_error * unit,
            "B_voigt": self.bulk * unit, "B_error": self.bulk_error * unit,
            "G_halves": [half * unit for half in self.halves],
        }  # fmt: skip


def from_fluctuations(stress: Floats, born: Floats, kT: float, n_atoms: int, volume: float) -> Fluctuating:
    """Elastic constants of a sample at one volume and temperature.

    stress: [n, 6] in Voigt's order and in time, evenly spaced, energy per volume, kinetic part included; born: [6, 6]
    mean of the virial's Born part. Raises InputError for a series too short for errors.
    """
    if len(stress) < BLOCKS * FEWEST:
        raise InputError(
            f"{len(stress)} values of the stress are too few for its fluctuations: at least {BLOCKS * FEWEST}"
        )
    static = born + kinetic(kT * n_atoms / volume)

    def of(values: Floats) -> tuple[Floats, Floats]:
        """Of a series: how much of `static` is lost, and what each stretch of it says of that."""
        off = values - values.mean(axis=0)
        stretches = [part.T @ part / len(part) for part in np.array_split(off, BLOCKS)]
        return volume / kT * (off.T @ off) / len(off), volume / kT * np.array(stretches)

    lost, each = of(stress)
    whole = Elastic(static - lost, static, lost, "fluctuations")
    bulk, shear = whole.voigt
    without = [Elastic(static - (each.sum(axis=0) - one) / (BLOCKS - 1), None, None, "") for one in each]
    moduli = np.array([one.voigt for one in without])
    few = np.sqrt(BLOCKS - 1)  # of a jackknife, whose values lie so much nearer together
    halves = [Elastic(static - of(half)[0], None, None, "").voigt[1] for half in np.array_split(stress, 2)]
    return Fluctuating(
        whole, np.std([one.C for one in without], axis=0) * few, shear, float(moduli[:, 1].std() * few), bulk,
        float(moduli[:, 0].std() * few), (halves[0], halves[1]),
    )  # fmt: skip


def kinetic(pressure: float) -> Floats:
    """[6, 6] how the kinetic part of the stress, whose pressure is NkT/V, goes with a strain of all space."""
    found = np.zeros((6, 6))
    found[:3, :3] = pressure
    found[range(6), range(6)] = [3 * pressure] * 3 + [pressure] * 3
    return found


def mean_born(
    frames: Sequence[Configuration],
    curvature: Curvature,
    forces: Forces,
    advance: Callable[[int], None] | None = None,
) -> Floats:
    """[6, 6] the Born part of the virial, averaged over frames. Raises InputError for a box that has none."""
    total = np.zeros((6, 6))
    for done, frame in enumerate(frames, start=1):
        check(frame)
        pairs = curvature.derivatives
        total += (of_pairs(frame, pairs) if pairs else by_differences(frame, forces))[0]
        if advance:
            advance(done)
    return total / len(frames)

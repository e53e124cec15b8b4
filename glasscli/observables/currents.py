"""How currents of atoms at one wavelength forget where they went: longitudinal and transverse current correlations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats, Trajectory
from glasscli.observables.collective import products_of, shells_of, timed_from_zero


@dataclass(frozen=True)
class Currents:
    """Correlations of j(q, t) = sum_i v_i exp(-i q r_i) at one q, length^2/time^2 (Hansen & McDonald, Sec. 7.4).

    lag           [n] steps, 0 first
    longitudinal  [n] C_L(q, t) = <j_L(q, t) j_L*(q, 0)> / N of the part along q; its first is kT/m of alike atoms
    transverse    [n] C_T(q, t), of each direction across q
    longitudinal_error, transverse_error  [n] standard errors by stretches of the run, see `dynamics.Errors`
    q             mean length of the wave vectors; vectors: how many of them
    """

    lag: NDArray[np.int64]
    longitudinal: Floats
    transverse: Floats
    longitudinal_error: Floats
    transverse_error: Floats
    q: float
    vectors: int


def currents(
    frames: Trajectory, steps: Sequence[int] | NDArray[np.int64], wave_numbers: Sequence[float],
    most_origins: int = 20, even: Sequence[int] = (), advance: Callable[[int], object] | None = None,
) -> list[Currents]:  # fmt: skip
    """Return the current correlations of all atoms at each wave number, of frames that have velocities.

    Exact on the box's wave vectors within a thin shell about q, which go with the box; even: lags beside those that are
    chosen. [] without two steps; raises InputError where a box is tilted or free, or has no wave vector near q.
    """
    at = np.asarray(steps, dtype=np.int64)
    timed = timed_from_zero(at, most_origins, even)
    if timed is None:
        return []
    box = frames[0].box
    box.periodic_for("C(q, t)", planes=True)
    shells = shells_of(box, wave_numbers)
    vectors = np.concatenate([shell.vectors for shell in shells])
    waves = np.zeros((len(frames), 3, len(vectors)), dtype=np.complex128)
    for k, frame in enumerate(frames):
        assert frame.velocities is not None
        phases = np.exp(-2j * np.pi * (vectors @ frame.box.fractional(frame.positions).T))
        along = frame.box.reciprocal(vectors)
        along /= np.linalg.norm(along, axis=1)[:, None]
        current = phases @ frame.velocities
        waves[k] = _turned(current, along).T
        if advance:
            advance(k + 1)
    across = box.dimension - 1
    found = []
    for shell in shells:
        use = shell.columns
        parts = [products_of(waves[:, c, use], timed) / frames[0].n_atoms for c in range(3)]
        longitudinal, transverse = parts[0].mean(axis=1), sum(p.mean(axis=1) for p in parts[1:]) / across
        found.append(Currents(
            timed.lag, timed.means(longitudinal), timed.means(transverse), timed.error(longitudinal),
            timed.error(transverse), shell.q, len(shell.vectors),
        ))  # fmt: skip
    return found


def _turned(current: NDArray[np.complex128], along: Floats) -> NDArray[np.complex128]:
    """[v, 3] components along unit vectors [v, 3] and along two directions across each."""
    least = np.eye(3)[np.abs(along).argmin(axis=1)]
    first = np.cross(along, least)
    first /= np.linalg.norm(first, axis=1)[:, None]
    axes = np.stack([along, first, np.cross(along, first)], axis=1)
    return np.asarray(np.einsum("vab,vb->va", axes, current))

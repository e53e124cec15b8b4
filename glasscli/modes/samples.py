"""Everything about the modes of one configuration, and of an ensemble of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.model.system import WORDS, smooth_companion
from glasscli.modes.anharmonic import Anharmonicity, SoftPotential, along, soft_potential
from glasscli.modes.density import (
    BELOW_PHONON,
    Density,
    Tail,
    boson_peak,
    density,
    heat_capacity,
    lowest_maximum,
    tail,
)
from glasscli.modes.elastic import Debye, debye
from glasscli.modes.hessian import Curvature
from glasscli.modes.localisation import labels, participation, plane_wave_share, soft_spots
from glasscli.modes.minimum import FORCE, Settled, settle
from glasscli.modes.spectrum import ALL_UP_TO, COUNT, ZERO_BY_DIFFERENCES, Modes, masses, modes, turning
from glasscli.observables.determined import undetermined
from glasscli.progress import Advance, silent

# Modes whose potential is followed, and whose atoms make the soft spots.
SOFT = 20
# Neighbouring frequencies closer than this share are one degenerate level.
DEGENERATE = 1e-6


@dataclass(frozen=True)
class Sample:
    """What `analyse` found. Arrays run over the modes, ascending; `soft` over the lowest that are no rigid shift.

    participation [n_modes]; plane_waves [n_modes] share; labels [n_modes]
    soft          mode number -> its anharmonicity
    potentials    mode number -> its soft potential, of those with a positive quartic term
    w_c           lowest maximum of the density of states, the unsoftened frequency
    spots         [n_atoms]
    """

    settled: Settled
    modes: Modes
    masses: Floats
    participation: Floats
    plane_waves: Floats
    labels: list[str]
    soft: dict[int, Anharmonicity]
    potentials: dict[int, SoftPotential]
    w_c: float | None
    density: Density | None
    debye: Debye | None
    boson_peak: tuple[float, float] | None
    spots: Floats
    force_evaluations: int
    notes: list[str]

    @property
    def tail(self) -> tuple[Floats, float] | None:
        """Frequencies below the first phonon and the cut; None when the modes do not reach that far."""
        if self.debye is None:
            return None
        cut = BELOW_PHONON * self.debye.first_phonon(self.settled.configuration.box)
        w = self.modes.frequencies[~self.modes.zero & ~self.modes.unstable]
        return None if not len(w) or (w[-1] < cut and not self.modes.complete) else (w[w < cut], cut)

    def heat(self, temperatures: Floats, quantum: float) -> Floats | None:
        """[n_T] harmonic heat capacity in k_B per atom; None unless all modes are known and stable.

        quantum: h-bar/k_B in the system's units
        """
        found = self.modes
        if not found.complete or found.unstable.any():
            return None
        stable = found.frequencies[~found.zero]
        share = found.dimension * len(stable) / len(found.frequencies)
        return share * heat_capacity(stable, temperatures, quantum)

    @property
    def localised(self) -> list[int]:
        """Numbers of the followed modes that are localised."""
        return [k for k in self.potentials if self.labels[k] == "localised"]


def analyse(
    configuration: Configuration, forces: Forces, curvature: Curvature, count: int | None = None, soft: int = SOFT,
    w_c: float | None = None, memory: float | None = None, advance: Advance = silent, whose: str | None = None,
) -> Sample:  # fmt: skip
    """Minimise, find the modes (all, or the `count` lowest; None leaves it to the size) and what each is.

    soft: how many of the lowest are followed beyond the harmonic. w_c: the frequency of an unsoftened mode, instead
    of the lowest maximum of the density of states. memory: bytes that may be used. whose: forces it is
    minimised by, see `settle`.
    Raises InputError for a single atom, more modes than there are, or too little memory.
    """
    n = configuration.n_atoms
    if n < 2:
        raise InputError("one atom has no vibrations: it can only be shifted")
    d = configuration.box.dimension
    if count is not None and not d < count <= d * n:
        raise InputError(
            f"--count must lie in {d + 1} ... {d * n} for {n} atoms ({WORDS[d]} modes are rigid shifts)"
        )
    settled = settle(configuration, forces, curvature, advance, whose)
    atoms, matrix = settled.configuration, settled.hessian.matrix
    wanted = COUNT if count is None and n > ALL_UP_TO else count
    found = modes(matrix, atoms, forces.system, wanted, memory, advance=advance)
    if not found.largest > 0:
        raise InputError("no two atoms are within reach of each other: nothing vibrates")
    if settled.hessian.method == "differences":
        found = replace(found, resolved=ZERO_BY_DIFFERENCES)
    weights = masses(atoms, forces.system)
    found = replace(found, turns=turning(found.vectors, atoms, weights))
    shares = plane_wave_share(found, atoms, weights)
    taking_part = participation(found)
    names = labels(taking_part, shares, found.zero, n)
    sound = None if found.unstable.any() else debye(atoms, matrix, weights, forces)
    spectrum = density(found)
    unsoftened = w_c or lowest_maximum(found)
    followed = {
        int(k): along(found.vectors[k], float(found.squares[k]), atoms, weights, forces)
        for k in np.flatnonzero(~found.zero)[:soft]
    }
    potentials = {}
    for k, anharmonicity in followed.items():
        if unsoftened is None:
            break
        parameters = soft_potential(anharmonicity, float(taking_part[k]), float(weights.mean()), unsoftened)
        if parameters:
            potentials[k] = parameters
    evaluations = settled.hessian.force_evaluations + 5 * len(followed) + (3 * d if sound else 0)
    return Sample(
        settled, found, weights, taking_part, shares, names, followed, potentials, unsoftened, spectrum, sound,
        boson_peak(spectrum, sound) if spectrum and sound else None, soft_spots(found, soft), evaluations,
        _notes(settled, found, curvature, unsoftened),
    )  # fmt: skip


def _notes(settled: Settled, found: Modes, curvature: Curvature, w_c: float | None) -> list[str]:
    notes = []
    system = curvature.system
    if jump := curvature.force_jump > 1e-9 and curvature.force_jump:
        companion = smooth_companion(system)
        smooth = f" (--system {companion})" if companion else ""
        notes.append(
            f"the force of {system.name} jumps by {jump:.2g} at its cutoff, which spoils soft modes: use a potential "
            f"that is smooth there{smooth}"
        )
    if charges := system.long_range:
        notes.append(
            f"{system.name} sums charges over all periodic images ({charges.style}): the Hessian is made of finite "
            "differences of forces, of one atom at a time"
        )
    if settled.max_force >= FORCE:
        notes.append(
            f"the largest force is {settled.max_force:.1e}, not below {FORCE:g}: this potential lets it no lower"
        )
    if order := int(found.unstable.sum()):
        notes.append(
            f"{order} unstable modes: this is a saddle point, not a minimum; it has no Debye frequency and its soft "
            "potentials open downwards"
        )
    levels = found.frequencies[~found.zero]
    if same := int((np.diff(levels) < DEGENERATE * np.abs(levels[1:])).sum()):
        notes.append(
            f"{same} frequencies equal their neighbour's: modes of one level are any mixture of each other, and so are "
            "their participation numbers"
        )
    if w_c is None:
        notes.append("no soft potentials: the frequency w_c of an unsoftened mode needs all modes, or --w-c")
    return notes


@dataclass(frozen=True)
class Samples:
    """Soft modes of several samples together.

    eta, xi [m]  of all localised soft modes; participation, energy: medians of theirs (N_s, eps_0)
    W            Buchenau's energy scale by Eq. 7, in the units of energy; nan without a quantum of action
    tail         exponent of the quasi-localised modes; None where it is not determined, tail_reason says why
    """

    eta: Floats
    xi: Floats
    w_c: float | None
    participation: float | None
    energy: float | None
    Ns_a2: float | None
    W: float | None
    tail: Tail | None
    tail_reason: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """As the contract object has it."""
        return {
            "soft_modes": len(self.eta),
            "eta": self.eta.tolist(),
            "xi": self.xi.tolist(),
            "w_c": self.w_c,
            "N_s": self.participation,
            "eps_0": self.energy,
            "Ns_a2": self.Ns_a2,
            "W": self.W,
            "tail": vars(self.tail) if self.tail else None,
            "tail_reason": self.tail_reason,
        }


def together(samples: Sequence[Sample], hbar: float | None) -> Samples:
    """Return what the localised soft modes of samples share; W^3 = (hbar w_c)^4/(16 eps_0) where hbar is known."""
    soft = [(s, k) for s in samples for k in s.localised]
    chosen = [s.potentials[k] for s, k in soft]
    middles = [s.w_c for s in samples if s.w_c is not None]
    w_c = float(np.mean(middles)) if middles else None
    exponent, why_not = _tail(samples)
    if not chosen or w_c is None:
        return Samples(np.zeros(0), np.zeros(0), w_c, None, None, None, None, exponent, why_not)
    energy = float(np.median([p.energy for p in chosen]))
    numbers = [float(s.participation[k]) for s, k in soft]
    lengths = [n * p.length**2 for n, p in zip(numbers, chosen, strict=True)]
    return Samples(
        np.array([p.eta for p in chosen]), np.array([p.xi for p in chosen]), w_c, float(np.median(numbers)), energy,
        float(np.median(lengths)), ((hbar * w_c) ** 4 / (16 * energy)) ** (1 / 3) if hbar else None, exponent, why_not,
    )  # fmt: skip


def _tail(samples: Sequence[Sample]) -> tuple[Tail | None, str | None]:
    """The exponent of the modes below the first phonon, or why there is none."""
    found = tail([t for s in samples if (t := s.tail) is not None])
    if found is None:
        return None, "no fit: fewer than ten modes below the first phonon"
    why_not = undetermined("exponent", found.exponent, found.error)
    return (None, why_not) if why_not else (found, None)

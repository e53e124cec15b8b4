"""Eta and xi of an atom between two neighbours, or of atoms by their volumes."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from glasscli.theory import fragment, soft_potential
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.fragment import Fragment, Morse


@dataclass(frozen=True)
class ThreeAtoms:
    """A fragment; its energy and the expansion [n], in eV, at x [n] in a0; inflection of the bond in Å."""

    found: Fragment
    kind: str
    inflection: float
    x: Floats
    exact: Floats
    quartic: Floats

    @property
    def data(self) -> Data:
        """The expansion's parameters and class."""
        return plain(asdict(self.found) | {"class": self.kind, "inflection_A": self.inflection})

    @property
    def columns(self) -> Columns:
        """The energy and its expansion."""
        return {"x_a0": self.x, "V_eV": self.exact, "quartic_eV": self.quartic}

    def text(self) -> str:
        """One line a number."""
        return lines(self.data)


def three_atoms(bond: Morse, d1: float, d2: float, angle: float, a0: float) -> ThreeAtoms:
    """Return the fragment of an atom with neighbours at d1 and d2; depth of the bond in eV, lengths in Å."""
    found = fragment.fragment(bond, d1, d2, angle, a0)
    x = np.linspace(-0.6, 0.6, 241)
    ends = fragment.place(d1, d2, angle)
    exact = fragment.potential((x + found.origin) * a0, bond, ends)
    exact = exact - fragment.potential(np.array([found.origin * a0]), bond, ends)
    return ThreeAtoms(
        found,
        str(soft_potential.classify(found.eta, found.xi)),
        bond.inflection,
        x,
        exact,
        found.A * soft_potential.value(x, found.eta, found.xi),
    )


@dataclass(frozen=True)
class Volumes:
    """eta [n_atoms] of atoms by the linear law of their volume."""

    eta: Floats

    @property
    def data(self) -> Data:
        """Mean, spread and the share of soft ones."""
        return plain(
            {
                "atoms": len(self.eta),
                "eta_mean": float(self.eta.mean()),
                "eta_std": float(self.eta.std()),
                "soft_share": float((np.abs(self.eta) < 0.2).mean()),
            }
        )

    @property
    def columns(self) -> Columns:
        """Samples of eta and xi."""
        return {"eta": self.eta, "xi": np.zeros_like(self.eta)}

    def text(self) -> str:
        """One line a number."""
        return lines(self.data)


def by_volume(volumes: Floats, critical: float, slope: float) -> Volumes:
    """Return eta of atomic volumes [n_atoms] in a0³ by Eq. 3.6."""
    return Volumes(fragment.eta_from_volume(volumes, critical, slope))

"""States with one and two electrons in a soft configuration, and what they make of the gap."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from glasscli.theory import self_trapping
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.self_trapping import GapStates, Relations, Trapped


@dataclass(frozen=True)
class Electrons:
    """One configuration; energies in eV, lengths in a0.

    eps_g      largest |W_2| there is
    relations  thresholds, where a pair is stable
    anderson   W_1, W_2, U of the harmonic bond, where eta > 0
    defect     stiffness and levels, with one electron and with a pair, of a coordination defect
    x, ground, excited [n]  adiabatic potentials
    gap        density of states in the gap
    """

    state: Trapped
    eps_g: float
    relations: Relations | None
    anderson: tuple[float, float, float] | None
    defect: tuple[float, float, float]
    x: Floats
    ground: Floats
    excited: Floats
    gap: GapStates

    @property
    def data(self) -> Data:
        """All numbers of the configuration."""
        data: Data = asdict(self.state) | {"eps_g": self.eps_g}
        data["relations"] = asdict(self.relations) if self.relations else None
        if self.anderson:
            data["anderson"] = dict(zip(("W1", "W2", "U"), self.anderson, strict=True))
        data["coordination_defect"] = dict(zip(("k_eV_per_a02", "one", "pair"), self.defect, strict=True))
        return plain(data)

    @property
    def columns(self) -> Columns:
        """The adiabatic potentials and g(E)."""
        return {
            "x_a0": self.x,
            "ground_eV": self.ground,
            "excited_eV": self.excited,
            "E_eV": self.gap.E,
            "g0": self.gap.tails,
            "g1": self.gap.single,
            "g2": self.gap.pairs,
        }

    def text(self) -> str:
        """The states, what limits them, and the thresholds."""
        values = asdict(self.state) | {"eps_g": self.eps_g}
        names = ["W1", "W2", "U", "x1", "x2", "eps_g", "repelled"]
        if self.state.repelled:
            names += ["W1_limited", "W2_limited", "U_limited"]
        return lines(
            {name: values[name] for name in names} | (asdict(self.relations) if self.relations else {})
        )


def electrons(
    Q0: float, A: float, U_c: float, gap: float, eta: float, xi: float, mixing: float, tail: float
) -> Electrons:
    """Return the trapped states of the configuration eta, xi; energies in eV (see `self_trapping.trapped`)."""
    state = self_trapping.trapped(Q0, A, U_c, gap, eta, xi)
    x = np.linspace(-1.5, 1.5, 401) * max(abs(state.x2), 0.1)
    ground, excited = self_trapping.adiabatic_potentials(x, Q0, A, gap, eta, xi, mixing)
    return Electrons(
        state,
        self_trapping.anharmonic_limit(Q0, A),
        self_trapping.relations(state, gap) if state.U_limited < 0 else None,
        self_trapping.anderson(Q0, 2 * A * eta, U_c) if eta > 0 else None,
        self_trapping.coordination_defect(Q0, gap),
        x,
        ground,
        excited,
        self_trapping.gap_states(np.linspace(0, gap, 401), Q0, A, U_c, gap, tail=tail),
    )

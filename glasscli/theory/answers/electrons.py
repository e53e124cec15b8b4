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
    deepest    eta and states of the configuration with the deepest pair that the gap leaves; semiconductor: eps_g > gap
    anharmonicity  A gap^3/Q0^4, which has to be far below 1 for 5.16 to hold
    relations  thresholds that the deepest pair sets, where it is stable
    anderson   W_1, W_2, U of the harmonic bond, where eta > 0
    defect     stiffness and levels, with one electron and with a pair, of a coordination defect
    x, ground, excited [n]  adiabatic potentials
    gap        density of states in the gap
    """

    state: Trapped
    eps_g: float
    deepest: tuple[float, Trapped]
    semiconductor: bool
    anharmonicity: float
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
        eta, pair = self.deepest
        data: Data = asdict(self.state) | {"eps_g": self.eps_g, "semiconductor": self.semiconductor}
        data["anharmonicity"] = self.anharmonicity
        data["deepest"] = {"eta": eta} | {name: getattr(pair, name) for name in ("W1", "W2", "U", "x1", "x2")}
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
        shown: Data = {name: values[name] for name in names}
        eta, pair = self.deepest
        case = "semiconductor, ε_g > gap" if self.semiconductor else "dielectric, ε_g ≤ gap"
        shown |= {"case": case, "deepest pair": f"at η = {eta:.4g}: W2 {pair.W2:.4g}, U {pair.U:.4g}"}
        shown["A gap³/Q0⁴"] = self.anharmonicity
        return lines(shown | (asdict(self.relations) if self.relations else {}))


def electrons(
    Q0: float,
    A: float,
    U_c: float,
    gap: float,
    eta: float,
    xi: float,
    mixing: float,
    tail: float,
    eta_soft: float = 0.2,
) -> Electrons:
    """Return the trapped states of the configuration eta, xi; energies in eV (see `self_trapping.trapped`)."""
    state = self_trapping.trapped(Q0, A, U_c, gap, eta, xi)
    eps_g, deepest = self_trapping.anharmonic_limit(Q0, A), self_trapping.deepest_pair(Q0, A, U_c, gap)
    x = np.linspace(-1.5, 1.5, 401) * max(abs(state.x2), 0.1)
    ground, excited = self_trapping.adiabatic_potentials(x, Q0, A, gap, eta, xi, mixing)
    return Electrons(
        state,
        eps_g,
        deepest,
        eps_g > gap,
        self_trapping.anharmonicity(Q0, A, gap),
        self_trapping.relations(deepest[1], Q0, gap) if deepest[1].U < 0 else None,
        self_trapping.anderson(Q0, 2 * A * eta, U_c) if eta > 0 else None,
        self_trapping.coordination_defect(Q0, gap),
        x,
        ground,
        excited,
        self_trapping.gap_states(np.linspace(0, gap, 401), Q0, A, U_c, gap, eta_soft, tail),
    )

"""How strongly soft configurations feel a strain: one of them, and all of a distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.theory import coupling as model
from glasscli.theory import distributions, population, soft_potential, tunnel_splitting
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.coupling import Coupling
from glasscli.theory.density_of_states import ANHARMONIC, TUNNELLING
from glasscli.theory.soft_potential import Scales
from glasscli.theory.tunnel_splitting import Splitting
from glasscli.units import ELECTRONVOLT

DISTRIBUTIONS = ("gaussian", "exponential", "uniform")
# Of the configurations of a class, how far the "largest" reaches: the few beyond say more of the distribution's end.
LARGEST = 0.95


@dataclass(frozen=True)
class Strained:
    """b = dE/de in eV of the configuration K1, K2, and |b| [m] of the classes of a distribution.

    by_Delta, by_J   dE/d Delta and dE/dJ (3.29); None where there is no two-level system
    estimates        of the largest |b|: of tunnelling states for zeta = 10 and 3 (3.30), of anharmonic vibrations
    """

    K1: float
    K2: float
    scale: Scales
    one: Coupling
    pair: Splitting
    name: str
    spread: dict[str, Floats]

    @property
    def by_Delta(self) -> float | None:
        """dE/d Delta of E = 2 (Delta^2 + J^2)^(1/2)."""
        return self._slope(self.pair.Delta)

    @property
    def by_J(self) -> float | None:
        """dE/dJ of the same."""
        return self._slope(self.pair.J)

    def _slope(self, part: float | None) -> float | None:
        if part is None or self.pair.J is None or self.pair.Delta is None:
            return None
        half = float(np.hypot(self.pair.Delta, self.pair.J))
        return 2 * part / half if half else None  # J may be below the range of doubles

    @property
    def estimates(self) -> dict[str, float]:
        """The text's own estimates, in eV."""
        return {
            "tunnelling_zeta_10": model.tunnelling_estimate(self.scale, 10.0),
            "tunnelling_zeta_3": model.tunnelling_estimate(self.scale, 3.0),
            "anharmonic": model.anharmonic_estimate(self.scale),
        }

    @property
    def classes(self) -> dict[str, dict[str, float]]:
        """Median and 95 % quantile of |b| of each class, in eV."""
        return {
            kind: {"median": float(np.median(b)), "largest": float(np.quantile(b, LARGEST))}
            for kind, b in self.spread.items()
            if len(b)
        }

    @property
    def data(self) -> Data:
        """Everything, in eV."""
        one = self.one
        slopes = {"b_eV": one.b, "dE_deta_eV": one.by_eta, "dE_dxi_eV": one.by_xi}
        return plain(
            {"K1": self.K1, "K2": self.K2, "splitting": self.pair.value, **slopes}
            | {"dE_dDelta": self.by_Delta, "dE_dJ": self.by_J, "distribution": self.name}
            | {"classes_eV": self.classes, "estimates_eV": self.estimates}
        )

    @property
    def columns(self) -> Columns:
        """The quantiles of |b|."""
        share = (np.arange(100) + 0.5) / 100
        known = {kind: np.quantile(b, share) for kind, b in self.spread.items() if len(b)}
        return {"quantile": share} | {f"b_{kind} (eV)": values for kind, values in known.items()}

    def text(self) -> str:
        """The configuration, the classes, and what the text estimates."""
        rows: Data = {f"b at K1 = {self.K1:g}, K2 = {self.K2:g}": f"{self.one.b:.5g} eV"}
        rows |= {"dE/dη": f"{self.one.by_eta:.5g} eV", "dE/dξ": f"{self.one.by_xi:.5g} eV"}
        rows |= {"dE/dΔ": self.by_Delta, "dE/dJ": self.by_J}
        for kind, said in ((TUNNELLING, "0.3-1 eV (3.30)"), (ANHARMONIC, "0.1-0.3 eV")):
            found = self.classes.get(kind)
            shown = f"median {found['median']:.3g}, 95 % below {found['largest']:.3g} eV" if found else "none"
            rows[f"|b|, {kind}"] = f"{shown}; in the text {said}"
        return lines(rows)


def strained(
    K1: float, K2: float, eps0: float, A: float, kappa_1: float, kappa_2: float, name: str, eta_star: float
) -> Strained:
    """Return the coupling to strain of a configuration and of a distribution by its name; eps0 and A in joules."""
    scale = soft_potential.scales(eps0 / ELECTRONVOLT, A / ELECTRONVOLT)
    F = getattr(distributions, name)()
    found = population.from_distribution(F, scale.eta_L, eta_star, count=2)
    return Strained(
        K1,
        K2,
        scale,
        model.coupling(K1, K2, scale, kappa_1, kappa_2),
        tunnel_splitting.splitting(K1, K2),
        name,
        model.couplings(found, scale, kappa_1, kappa_2),
    )

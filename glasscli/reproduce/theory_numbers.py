"""Numbers of the papers' models, as mended (docs/theory.md says where the print is wrong)."""

from __future__ import annotations

import numpy as np

from glasscli.reproduce.comparison import Expected
from glasscli.theory import kinetics, soft_potential, stability
from glasscli.theory.heat_capacity import heat_capacity, shape
from glasscli.theory.participation import GLASSES, participation
from glasscli.theory.population import flat
from glasscli.theory.quartic_levels import gap, kappa, saddle, states
from glasscli.theory.self_trapping import trapped
from glasscli.theory.wkb import levels as wkb_levels
from glasscli.units import KELVIN_PER_EV

_B, _K, _E = "Buchenau 1992", "Klinger 1987", "Egorushkin & Mel'nikova 1992"
_TABLE = {
    "silica": ("SiO2", 162, 55),
    "selenium": ("Se", 289, 89),
    "boron-oxide": ("B2O3", 392, 45),
}
EXPECTED = (
    *(Expected(f"Ns_a2 {g}", f"N_s a² of {n} (Å²)", a, 0.6, f"{_B}, Sec. 3") for g, (n, a, _) in _TABLE.items()),
    *(Expected(f"eps0 {g}", f"eps_0 of {n} (eV)", e, 0.6, f"{_B}, Sec. 3") for g, (n, _, e) in _TABLE.items()),
    Expected("eta1", "eta_1 at beta eps_m = 3", 0.90825, 5e-6, f"{_B}, Eq. 19; independent"),
    Expected("eta2", "eta_2 at beta eps_m = 3", 0.09175, 5e-6, f"{_B}, Eq. 19; independent"),
    Expected("eq23", "beta eps_0/(beta eps_m)² at eta = 0", 35.015, 5e-4, f"{_B}, Eq. 23; independent"),
    Expected("fig8 -0.1", "eps_k/eps_m at eta = -0.1", 45.70, 6e-3, f"{_B}, Fig. 8; independent"),
    Expected("fig8 0", "eps_k/eps_m at eta = 0", 105.05, 6e-3, f"{_B}, Fig. 8; independent"),
    Expected("fig8 0.05", "eps_k/eps_m at eta = 0.05", 252.03, 6e-3, f"{_B}, Fig. 8; independent"),
    Expected("fig8 upper", "eps_k/eps_m at eta_1 + 0.02", 3.334, 5e-4, f"{_B}, Fig. 8; independent"),
    Expected("W", "W/k_B T* of a flat density, cutoff 17", 1.6, 0.01, f"{_B}, Eq. 8"),
    Expected("E0", "quartic level E_0 (w)", 1.060362, 5e-7, f"{_K}, 3.12; independent"),
    Expected("E1", "quartic level E_1 (w)", 3.799673, 5e-7, f"{_K}, 3.12; independent"),
    Expected("E2", "quartic level E_2 (w)", 7.455698, 5e-7, f"{_K}, 3.12; independent"),
    Expected("text gap", "E_1 - E_0 of -d²/2dX² + (2/3) X⁴ (w)", 1.5, 0.01, f"{_K}, 3.14, as printed"),
    Expected("wkb", "E_n/(n + 1/2)^(4/3) of high levels (w)", 2.18507, 5e-5, "exact (WKB)"),
    Expected("kappa", "kappa of 3.17", 0.5396, 5e-5, f"{_K}, 3.17; independent"),
    Expected("saddle K2", "K_2 at the saddle of E_1 - E_0", 1.894, 5e-4, f"{_K}, 3.16; independent"),
    Expected("saddle gap", "E_1 - E_0 at the saddle (w)", 2.182, 5e-4, f"{_K}, 3.16; independent"),
    Expected("split -4", "E_1 - E_0 at K_1 = -4 (w)", 0.46243, 5e-6, f"{_K}, 3.15; independent"),
    Expected("split -6", "E_1 - E_0 at K_1 = -6 (w)", 0.041398, 5e-7, f"{_K}, 3.15; independent"),
    Expected("eta_L", "eta_L of eps_0 = 1 K, A = 30 eV", 0.0142, 5e-5, f"{_K}, 3.13; independent"),
    Expected("w", "w of the same (K)", 70.0, 0.5, f"{_K}, 3.13; independent"),
    Expected("W2/W1 harmonic", "W_2/W_1, harmonic", 4.0, 1e-6, f"{_K}, 5.3"),
    Expected("W2/W1 quartic", "W_2/W_1, pure quartic", 2 ** (4 / 3), 1e-9, f"{_K}, 5.4; exact"),
    Expected("t_half 20 10", "t_1/2 at (20, 10) (1/gamma)", 4.12, 5e-3, f"{_E}, Eq. 12; independent"),
    Expected("t_half 1 1", "t_1/2 at (1, 1) (1/gamma)", 1.199, 5e-4, f"{_E}, Eq. 12; independent"),
    Expected("eta inf", "order parameter at late times", 1.0, 1e-9, f"{_E}, Eq. 12"),
)  # fmt: skip
BY_KEY = {one.key: one for one in EXPECTED}


def numbers() -> dict[str, float]:
    """Every number of EXPECTED, from the functions that the theory commands use."""
    found: dict[str, float] = {}
    for name, glass in GLASSES.items():
        one = participation(glass.nu_c, glass.T_star, glass.mass)
        found |= {f"Ns_a2 {name}": one.Ns_a2_A2, f"eps0 {name}": one.eps0_eV}
    limits = stability.harmonic_limits(3.0)
    assert limits is not None
    found |= {"eta1": limits[0], "eta2": limits[1], "eq23": stability.quartic_energy(1.0)}
    places = {"-0.1": -0.1, "0": 0.0, "0.05": 0.05, "upper": limits[0] + 0.02}
    found |= {f"fig8 {name}": stability.mode(3.0, eta).ratio for name, eta in places.items()}
    T = np.geomspace(0.05, 4.0, 60)
    found["W"] = 1 / shape(T, heat_capacity(flat(17.0), T)).T_star
    quartic = states(0.0, 0.0, 3)
    found |= {f"E{n}": float(quartic.energies[n]) for n in range(3)}
    # -d²/2dX² + (2/3) X⁴ is half of -d² + (4/3) X⁴, whose levels scale with (4/3)^(1/3).
    found["text gap"] = 0.5 * (4 / 3) ** (1 / 3) * (found["E1"] - found["E0"])
    found["wkb"] = float(wkb_levels(0.0, 0.0, 30).energies[-1]) / 29.5 ** (4 / 3)
    found["kappa"] = kappa(quartic)
    point = saddle()
    found |= {"saddle K2": abs(point.K2), "saddle gap": point.gap}
    found |= {"split -4": float(gap(-4.0, 0.0)), "split -6": float(gap(-6.0, 0.0))}
    scale = soft_potential.scales(1.0, 30 * KELVIN_PER_EV)
    found |= {"eta_L": scale.eta_L, "w": scale.w}
    for name, eta in (("harmonic", 1e6), ("quartic", 0.0)):
        state = trapped(3.0, 30.0, 0.0, eta=eta)
        found[f"W2/W1 {name}"] = state.W2 / state.W1
    found |= {f"t_half {g} {G}": kinetics.time_to(0.5, g, G) for g, G in ((20, 10), (1, 1))}
    found["eta inf"] = float(kinetics.order_parameter(60.0, 20.0, 10.0)[0])
    return found

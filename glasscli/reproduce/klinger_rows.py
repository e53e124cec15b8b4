"""What Klinger (Sov. Phys. Usp. 30, 699 (1987), and its summary) prints, as rows."""

from __future__ import annotations

from glasscli.reproduce.comparison import Expected, Kind, Relation, printed

PAPER = "Klinger 1987"
_CHOSEN = "inputs chosen so that it comes out"
# What is said to be of an order of magnitude may be off by half of one.
ORDER = 0.5
_WIDTHS = "3.8 with η̄ = 1 and (Δη)² = 0.1 leaves exp(-10) of its height at η = 0"


def _order(
    key: str, what: str, exponent: float, source: str, rival: float, fails: str, why: str = ""
) -> Expected:
    """A power of ten."""
    what = f"{what}, log10"
    return Expected(
        key, what, f"{PAPER}, {source}", Kind.PRINTED, exponent, ORDER, rival=rival, fails=fails, why=why
    )


FIG1 = (
    Expected(
        "C exponent",
        "C ~ T^n at the lowest T: n",
        f"{PAPER}, 2.1: n = 1 to 1.3",
        Kind.PRINTED,
        1.15,
        0.15,
        rival=3.0,
        fails="waves alone",
        why="F of 3.8 grows by e over 0.05 in η, a few η_L: tunnelling states of larger E are more",
    ),
    Expected(
        "kappa exponent",
        "κ ~ T^n at the lowest T: n",
        f"{PAPER}, 2.2: n = 1.75 to 2",
        Kind.PRINTED,
        1.875,
        0.125,
        rival=3.0,
        fails="a crystal's, by its edges",
        why="as of C: n(E) is no constant",
    ),
    Expected(
        "plateau",
        "smallest exponent of κ(T): a plateau",
        f"{PAPER}, Sec. 3.3 and Fig. 1: κ ≈ const",
        Kind.READ,
        0.0,
        0.2,
        rival=1.875,
        fails="no anharmonic vibrations near w",
    ),
    Expected(
        "plateau T",
        "where that is (w/k_B)",
        f"{PAPER}, Sec. 3.3: near w, within w",
        Kind.PRINTED,
        1.0,
        0.5,
        rival=0.1,
        fails="scattering by tunnelling states",
    ),
    Expected(
        "hump T",
        "where C/T³ has its hump (w/k_B)",
        f"{PAPER}, below 3.25: T ~ w, 15-30 K for w = 10-30 K",
        Kind.PRINTED,
        1.0,
        0.5,
        rival=0.2,
        fails="the minimum instead",
    ),
    Expected(
        "neutron w",
        "peak of neutron scattering (w)",
        f"{PAPER}, Sec. 3.3: ΔE ≈ w",
        Kind.PRINTED,
        1.0,
        0.5,
        rival=2.18,
        fails="the saddle of E_1 - E_0 of the printed h",
        why="the saddle of the printed h lies at 2.18 w, as the summary says",
    ),
    printed(
        "neutron 2w",
        "the same, in the summary (w)",
        "2",
        "Klinger's summary: a singularity at 2 w",
        1.0,
        "ΔE = w of the review",
    ),
    printed(
        "C far above w",
        "C ~ T^n far above w: n",
        "3",
        f"{PAPER}, 3.26",
        1.0,
        "tunnelling states alone",
    ),
    _order(
        "n_0", "density of tunnelling states of 3.8, per cm³ and eV", 19.5, "2.4", 21.5, "F_0 = 1", _WIDTHS
    ),
    _order("n_0 F0", "the same of 3.9 with F_0 = 0.01 to 0.03", 19.5, "2.4 and 3.21", 21.5, "F_0 = 1"),
    _order(
        "T_0*",
        "T_0* = N_0/n_0 of 3.9, eV",
        2.0,
        "below 3.21: about 100 eV",
        0.0,
        "F_0 = 1",
        "η_L^(3/2) F_0/w itself makes 360 eV at F_0 = 0.01; F of 3.9 at η = 0 is F_0/e",
    ),
    _order(
        "kappa 1K",
        "κ at 1 K of 3.9, W/(K cm)",
        -3.5,
        "2.2",
        -5.5,
        "F_0 = 1",
        "κ goes as one over n_0 b²: n_0 is at the low end of the print, b = 0.6 eV in the middle",
    ),
)
FIG2 = (
    _order(
        "c_a",
        "c_a of 3.8",
        -1.0,
        "below 3.9: about 0.1",
        0.0,
        "all potentials soft",
        f"{_WIDTHS}: 1.7e-4 of all atoms within |η| < 0.2",
    ),
    _order("c_a F0", "c_a of 3.9, F_0 = 0.01", -1.0, "below 3.9: about 0.1", 0.0, "all potentials soft",
           "F_0 times 4 η* ξ_c is 0.004 at η* = 0.2"),
    _order("c2", "c_a of two wells, 3.8", -5.0, "below 3.9: about 1e-5", -1.0, "as many as soft ones", _WIDTHS),
    _order("c3", "c_a of singular ones, 3.8", -2.5, "below 3.23: 1e-2 to 1e-3", -1.0, "as many as soft ones", _WIDTHS),
)  # fmt: skip
_TYPICAL = "with Q_0 = 3 eV, A = 30 eV, U_c = 0.3 eV and a gap of 1.2 eV"
# How far 5.16 lets its thresholds be from each other: "0 < E_opt - E_X < 0.1 E_opt".
APART = 0.1
_REPELLED = "U_c = 0.3 eV is a quarter of the gap: |U| = E_g/2 takes U_c << E_g"


def _threshold(key: str, what: str, rival: float, fails: str, why: str = "") -> Expected:
    source = f"{PAPER}, 5.16, {_TYPICAL}"
    return Expected(
        key, f"{what} over E_g", source, Kind.PRINTED, 1.0, APART, rival=rival, fails=fails, why=why
    )


FIG4 = (
    Expected(
        "U",
        "U of the deepest pair (eV): it forms",
        f"{PAPER}, Sec. 5.1",
        Kind.ORDERING,
        0.0,
        relation=Relation.BELOW,
        fails="repulsion beyond what trapping gains",
    ),
    Expected(
        "singles",
        "g_1/g_2 in the middle of the gap",
        f"{PAPER}, below 5.14: g_1 << g_2",
        Kind.ORDERING,
        1.0,
        relation=Relation.BELOW,
        fails="a repulsion that most pairs do not survive",
    ),
    Expected(
        "dielectric",
        "g_2 in the middle, a dielectric's over a semiconductor's, log10",
        f"{PAPER}, 5.15: many orders of magnitude smaller",
        Kind.ORDERING,
        -2.0,
        relation=Relation.BELOW,
        fails="pairs that reach the middle of any gap",
    ),
    printed(
        "g_2 power",
        "g_2 ~ |E_c - E + U_c/2|^n between the middle and the band: n",
        "-2",
        f"{PAPER}, 5.13",
        0.0,
        "a flat band",
        "tails of 0.1 E_g are as wide as the band; sharp ones of a harmonic bond have -2",
    ),
    _threshold("E_opt", "E_opt", 0.68, "a dielectric, eps_g < E_g", _REPELLED),
    # Both of one place of the atom: 2 E_IA is 2 E_g less 2 E_PL.
    _threshold(
        "E_PL", "2 E_PL, and with it 2 E_IA,", 2.0, "no Stokes shift, and no relaxation about one electron"
    ),
    _threshold("W_a", "2 W_a", 0.04, "a dielectric, eps_g < E_g", _REPELLED),
    Expected(
        "5.16",
        "largest departure from 5.16, Q_0 = 10, A = 500, U_c = 0.01, E_g = 1 eV",
        f"{PAPER}, 5.16: {_CHOSEN}",
        Kind.INPUT,
        0.0,
        APART,
    ),
)
TEXT = (
    _order(
        "b tunnelling",
        "largest |b| of tunnelling states, eV",
        -0.26,
        "3.30: 0.3 to 1 eV",
        -1.3,
        "ħω_D, as of rigid wells",
        "the widest wells of 3.8 couple more: 3.30 takes k = 3 to 10 η_L k_0",
    ),
    _order(
        "b anharmonic",
        "largest |b| of anharmonic vibrations, eV",
        -0.76,
        "below 3.30: 0.1 to 0.3 eV",
        -2.2,
        "w, as of a mode without softness",
        "95 % of them are below ours; their median is 0.24 eV",
    ),
)
FIG6 = tuple(
    Expected(
        f"wells {name}",
        f"{name}: wells of the lower branch",
        f"{PAPER}, Fig. 6: {_CHOSEN}, with Q_0 up to 8 eV",
        Kind.INPUT,
        float(n),
    )
    for name, n in zip("abcd", (1, 2, 2, 3), strict=True)
)

"""U. Buchenau, Phil. Mag. B 65, 303 (1992): Secs. 3 and 4 and Figs. 3-8, from our products."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats, Ints
from glasscli.errors import FileError
from glasscli.observables.icosahedra import crystalline_share
from glasscli.observables.relaxation import fit_line
from glasscli.report.palette import BLACK, BLUE, RED
from glasscli.reproduce.comparison import Comparison, Expected, Found, Kind, Relation, compare, printed
from glasscli.reproduce.products import Products
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.theory_numbers import BY_KEY, printed_modes

SPHERES = ((500, BLUE, "*"), (1000, RED, "o"))
PAPER = "Buchenau 1992"
GLASSES = ("silica", "selenium", "boron-oxide")
TABLE3 = tuple(
    BY_KEY[key]
    for quantity in ("Ns_a2", "eps0", "nu_c", "orders", "eps_m")
    for glass in GLASSES
    if (key := f"{quantity} {glass}") in BY_KEY
)
FIG8 = tuple(BY_KEY[key] for key in ("fig8 -0.1", "fig8 0", "eta1", "eta2"))
_SCALE = "the first maximum of soft spheres is laid on it"
FIG3 = (
    Expected(
        "axis silica", "first maximum of silica (THz)", f"{PAPER}, Fig. 3: {_SCALE}", Kind.INPUT, 3.0, 0.5
    ),
)
FIG4 = (
    Expected(
        "axis selenium",
        "first maximum of selenium (THz)",
        f"{PAPER}, Fig. 4: {_SCALE}",
        Kind.INPUT,
        1.3,
        0.05,
    ),
)
EXTENDED = Expected(
    "extended",
    "share of extended modes (most)",
    f"{PAPER}, Sec. 3",
    Kind.ORDERING,
    0.5,
    relation=Relation.ABOVE,
    fails="as many modes with N_k below N/4 as above",
)
SOFTEST = printed(
    "softest",
    "atoms in the softest mode, N = 500",
    "1e2",
    f"{PAPER}, Fig. 6: about 100",
    333.0,
    "the participation of a plane wave, 2 N/3",
)
SOFTEST_1000 = printed(
    "softest 1000",
    "atoms in the softest mode, N = 1000",
    "1e2",
    f"{PAPER}, Fig. 6: about 100",
    667.0,
    "the participation of a plane wave, 2 N/3",
    "glasses cooled this fast; soft modes of a larger box mix with the first phonon",
)
FIG5, FIG6 = (EXTENDED,), (SOFTEST, SOFTEST_1000, EXTENDED)
FIG7 = (
    Expected(
        "softening",
        "strain of bonds along the soft motion of a central atom, against across it",
        f"{PAPER}, Fig. 7: extended along it, compressed across",
        Kind.ORDERING,
        0.0,
        relation=Relation.ABOVE,
        fails="surroundings without a direction",
    ),
    Expected(
        "softening more",
        "the same, of the ten lowest modes beyond that of all",
        f"{PAPER}, Fig. 7",
        Kind.ORDERING,
        0.0,
        relation=Relation.ABOVE,
        fails="distortions that any mode has",
    ),
    Expected(
        "eq13",
        "sum over all modes of (s.e_k)²",
        f"{PAPER}, Eq. 13",
        Kind.EXACT,
        1.0,
        1e-9,
        rival=0.9,
        fails="modes that are missing",
    ),
    Expected(
        "eq14",
        "eta_s over all modes, over s.D s/w_c²",
        f"{PAPER}, Eq. 14",
        Kind.EXACT,
        1.0,
        1e-6,
        rival=1.1,
        fails="eigenvalues of another matrix",
    ),
)
TEXT = (
    Expected(
        "growth",
        "rise of the share of unstable modes with temperature",
        f"{PAPER}, Sec. 4: a marked increase in the number of soft modes in the liquid",
        Kind.ORDERING,
        0.0,
        relation=Relation.ABOVE,
        fails="a liquid with the modes of its glass",
    ),
    Expected(
        "growth localised",
        "the same of the localised among them",
        f"{PAPER}, Sec. 4",
        Kind.ORDERING,
        0.0,
        relation=Relation.ABOVE,
        fails="a liquid with the modes of its glass",
    ),
)
CRYSTAL = 0.1  # of a sample's atoms in fcc, hcp or bcc surroundings: it is no glass


@dataclass(frozen=True)
class Spheres:
    """Glasses of soft spheres of one size, and their modes.

    answers    what `glasscli modes` said of each
    frequency  [n_modes] of all moving modes of all glasses, 1/τ
    ratio      [n_modes] their participation ratios N_k/N
    softening  [n_modes] distortion about their central atoms, see `modes.spots`
    owner      [n_modes] the number of the sample each is of
    crystals   samples that crystallised and were left out
    """

    answers: list[dict[str, Any]]
    frequency: Floats
    ratio: Floats
    softening: Floats
    owner: Ints
    crystals: int

    @property
    def samples(self) -> str:
        """3 glasses, 1 crystallised."""
        n = len(self.answers)
        return f"{n} glass{'es' * (n > 1)}" + (f", {self.crystals} crystallised" if self.crystals else "")

    @property
    def first_maximum(self) -> float:
        """The lowest maximum of the density of states, the mean over glasses where there is one."""
        return float(np.mean([one["w_c"] for one in self.answers if one["w_c"]]))


def table3(products: Products, path: Path) -> list[Comparison]:
    """N_s a² and eps_0 of three glasses, as bars beside the printed values."""
    found = dict(zip(GLASSES, products.answers("participation"), strict=True))
    ours: dict[str, Found | float] = {f"Ns_a2 {n}": found[n]["Ns_a2_A2"] for n in GLASSES}
    ours |= {f"eps0 {n}": found[n]["eps0_eV"] for n in GLASSES}
    ours.update(printed_modes())
    rows = compare(TABLE3, ours)

    def draw(figure: Any) -> list[Comparison]:
        for axes, part, label in zip(
            figure.subplots(1, 2), (rows[:3], rows[3:6]), ("$N_s a^2$ (Å$^2$)", "$\\epsilon_0$ (eV)"), strict=True
        ):  # fmt: skip
            x = np.arange(3)
            axes.bar(x - 0.2, [r.expected.value for r in part], 0.38, color="0.75", label="printed")
            axes.bar(x + 0.2, [r.ours or 0.0 for r in part], 0.38, color=BLUE, label="ours")
            axes.set_xticks(x, ["SiO$_2$", "Se", "B$_2$O$_3$"])
            axes.set_ylabel(label)
            axes.legend()
        return rows

    return sheet(path, "Buchenau 1992, Sec. 3", draw, 2.4)


def fig8(products: Products, path: Path) -> list[Comparison]:
    """Localisation of stable soft modes against their harmonic restoring force."""
    (columns,), (answer,) = products.columns("stability"), products.answers("stability")
    eta = columns.pop("eta")
    curve = columns["eps_k/eps_m at eps_m/kT = 3"]
    ours = {"fig8 -0.1": float(np.interp(-0.1, eta, curve)), "fig8 0": answer["ratio"]}
    rows = compare(FIG8, ours | {key: answer[key] for key in ("eta1", "eta2")})

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for (name, values), line in zip(columns.items(), ("-", "--", ":", "-."), strict=False):
            axes.semilogy(eta, values, line, color=BLACK, label=name.removeprefix("eps_k/eps_m at "))
        for limit in (answer["eta1"], answer["eta2"]):
            axes.axvline(limit, color=RED, linewidth=0.6)
        axes.set(xlabel="harmonic restoring force $\\eta$", ylabel="$\\epsilon_k/\\epsilon_m$")
        axes.legend()
        return rows

    return sheet(path, "Buchenau 1992, Fig. 8", draw)


def fig3(products: Products, path: Path) -> list[Comparison]:
    """Density of states, first maximum at that of silica."""
    return _scaled(products, path, "Fig. 3", "silica", 2.879, FIG3[0])


def fig4(products: Products, path: Path) -> list[Comparison]:
    """Density of states, first maximum at that of selenium."""
    return _scaled(products, path, "Fig. 4", "selenium", 1.381, FIG4[0])


def _scaled(
    products: Products, path: Path, name: str, glass: str, nu_c: float, expected: Expected
) -> list[Comparison]:
    spheres = _spheres(products, 500)
    rows = [Comparison(expected, Found(nu_c, note="the value that gives the table of Sec. 3"))]

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        axes.hist(
            spheres.frequency / spheres.first_maximum * nu_c, 60, density=True, histtype="step", color=BLACK
        )
        axes.axvline(nu_c, color=RED, linewidth=0.7, label=f"$\\nu_c$ = {nu_c} THz")
        axes.set(xlabel="$\\nu$ (THz)", ylabel="$g(\\nu)$ (1/THz)", xlim=(0, None))
        axes.legend()
        return rows

    return sheet(
        path, f"Buchenau 1992, {name}: soft spheres with the first maximum of {glass}; not {glass}", draw
    )


def fig5(products: Products, path: Path) -> list[Comparison]:
    """Vibrational spectrum of soft spheres, all modes and the extended ones."""
    spheres = _spheres(products, 500)
    frequency, ratio = spheres.frequency, spheres.ratio
    rows = [_share_extended(spheres)]

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        edges = np.linspace(0, frequency.max(), 61)
        for chosen, line, label in (
            (np.ones(len(ratio), bool), "-", "all modes"),
            (ratio >= 0.25, "--", "extended modes"),
        ):
            axes.hist(
                frequency[chosen], edges, weights=np.full(chosen.sum(), 1 / len(ratio) / edges[1]),
                histtype="step", linestyle=line, color=BLACK, label=label,
            )  # fmt: skip
        inset = axes.inset_axes((0.07, 0.5, 0.3, 0.45))
        low = edges[1] * 10
        inset.hist(frequency[frequency < low], 20, histtype="step", color=BLACK)
        inset.hist(
            frequency[(frequency < low) & (ratio >= 0.25)], 20, (0, low), histtype="step", linestyle="--", color=BLACK
        )  # fmt: skip
        inset.tick_params(labelsize=5.5)
        axes.set(xlabel="$\\omega$ (1/τ)", ylabel="$g(\\omega)$")
        axes.legend(loc="upper right")
        return rows

    return sheet(path, "Buchenau 1992, Fig. 5: 500 soft spheres", draw)


def fig6(products: Products, path: Path) -> list[Comparison]:
    """Participation ratio against frequency, N = 500 and 1000."""
    found = {n: _spheres(products, n) for n, _, _ in SPHERES}
    softest = {n: [one["participation"]["N"][0] for one in found[n].answers] for n in found}
    rows = [
        Comparison(expected, Found.of_samples(softest[n], found[n].samples))
        for n, expected in ((500, SOFTEST), (1000, SOFTEST_1000))
    ]
    rows.append(_share_extended(found[500]))

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for n, color, marker in SPHERES:
            axes.plot(
                found[n].frequency, found[n].ratio, marker, color=color, markersize=2, alpha=0.4, markeredgewidth=0,
                label=f"N = {n}",
            )  # fmt: skip
        axes.axhline(0.2, color=BLACK, linewidth=0.6, linestyle=":", label="100 of 500 atoms")
        axes.set(xlabel="$\\omega$ (1/τ)", ylabel="$p = N_k/N$", ylim=(0, 0.75))
        axes.legend(markerscale=3)
        return rows

    return sheet(path, "Buchenau 1992, Fig. 6: soft spheres", draw)


def fig7(products: Products, path: Path) -> list[Comparison]:
    """Distortion of the bonds about the central atoms of modes, against frequency."""
    spheres = _spheres(products, 500)
    lowest, every = (
        np.array([one["softening"][which] for one in spheres.answers], float) for which in ("lowest", "all")
    )
    local = [one["local_mode"] for one in spheres.answers]
    ours = {
        "softening": Found.of_samples(lowest, spheres.samples),
        "softening more": Found.of_samples(lowest - every, spheres.samples),
        "eq13": max((one["weight"] for one in local), key=lambda x: abs(x - 1)),
        "eq14": max((one["eta"] / one["direct"] for one in local), key=lambda x: abs(x - 1)),
    }
    rows = compare(FIG7, ours)

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        order = np.argsort(spheres.frequency)
        parts = np.array_split(order, 40)
        axes.plot(
            [spheres.frequency[part].mean() for part in parts],
            [np.nanmean(spheres.softening[part]) for part in parts],
            ".-",
            color=BLACK,
        )
        axes.axhline(0, color=BLACK, linewidth=0.5)
        axes.axhline(float(lowest.mean()), color=RED, linewidth=0.8, label="ten lowest of each glass")
        axes.set(xlabel="$\\omega$ (1/τ)", ylabel="strain along minus across")
        axes.legend()
        return rows

    return sheet(path, "Buchenau 1992, Fig. 7: bonds about the atoms that move most", draw)


def text(products: Products, path: Path) -> list[Comparison]:
    """Unstable modes of a melt that is cooled, against temperature."""
    samples = [answer["frames"] for answer in products.answers("instants")]
    T = [np.array([frame["temperature"] for frame in frames], float) for frames in samples]
    rows = []
    for expected, name in zip(TEXT, ("unstable", "unstable_localised"), strict=True):
        shares = [np.array([frame[name] for frame in frames], float) for frames in samples]
        line = fit_line(np.concatenate(T), np.concatenate(shares))
        error = np.nan if line.slope_error is None else line.slope_error
        rows.append(Comparison(expected, Found(line.slope, error, f"per unit of T; {len(samples)} melts")))

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for t, frames in zip(T, samples, strict=True):
            for name, marker in (("unstable", "o"), ("unstable_localised", "^")):
                axes.plot(t, [frame[name] for frame in frames], marker, color=BLACK, markersize=3, label=name)
        axes.set(xlabel="$T$", ylabel="share of all modes")
        handles = axes.get_legend_handles_labels()[0]
        axes.legend(handles[:2], ["unstable", "localised among them"])
        return rows

    return sheet(path, "Buchenau 1992, Sec. 4: instantaneous modes of soft spheres", draw)


def _share_extended(spheres: Spheres) -> Comparison:
    shares = [float(np.mean(spheres.ratio[spheres.owner == k] >= 0.25)) for k in np.unique(spheres.owner)]
    return Comparison(EXTENDED, Found.of_samples(shares, f"N_k > N/4; {spheres.samples}"))


def _spheres(products: Products, atoms: int) -> Spheres:
    """Samples of so many atoms. Raises FileError where all of them crystallised while they were cooled."""
    (answer,), (columns,) = products.answers(f"modes{atoms}"), products.columns(f"modes{atoms}", "-modes.csv")
    answers: list[dict[str, Any]] = answer["files"]
    is_glass = np.array([crystalline_share(c) <= CRYSTAL for c in products.structures(f"quench{atoms}")])
    if not is_glass.any():
        raise FileError(f"{products.folder}: all samples of {atoms} spheres crystallised; take other seeds")
    owner = np.repeat(np.arange(len(answers), dtype=np.int32), [one["modes"] for one in answers])
    moving = is_glass[owner] & (columns["frequency"] > 1e-3)
    return Spheres(
        [one for one, glass in zip(answers, is_glass, strict=True) if glass],
        columns["frequency"][moving],
        columns["ratio"][moving],
        columns["softening"][moving],
        owner[moving],
        int((~is_glass).sum()),
    )

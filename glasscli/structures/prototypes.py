"""Crystal structures as data: space group, Wyckoff sites, free parameters. ASE knows the symmetry operations.

Every structure is given in an orthogonal cell; hexagonal ones in the cell with edges (a, sqrt(3) a, c), twice the
hexagonal one. Sites are "large" or "small": which species of a system sits there is chosen when it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from glasscli.configuration import Floats

Role = Literal["large", "small"]
Parameters = Mapping[str, float]
# A site's representative: its three fractional coordinates from the free parameters.
Site = Callable[[Parameters], tuple[float, float, float]]


@dataclass(frozen=True)
class Prototype:
    """A crystal structure.

    name, description    as users write it, and what it is
    group, setting       number of the space group (International Tables) and ASE's setting
    sites                (role, Wyckoff label, representative) of each occupied site
    parameters           free parameters with the values of the ideal structure; `ca` is c/a
    hexagonal            whether the space group's cell is hexagonal
    """

    name: str
    description: str
    group: int
    sites: tuple[tuple[Role, str, Site], ...]
    parameters: dict[str, float] = field(default_factory=dict)
    setting: int = 1
    hexagonal: bool = False

    @property
    def binary(self) -> bool:
        """Whether two species sit in it."""
        return len({role for role, _, _ in self.sites}) == 2

    @cached_property
    def _images(self) -> list[tuple[Role, Site, Floats, Floats]]:
        """One (role, representative, rotation, translation) for each atom of the space group's cell."""
        from ase.spacegroup import Spacegroup  # slow to load: only for those who build a crystal

        group: Any = Spacegroup(self.group, setting=self.setting)
        rotations, translations = group.get_op()
        images: list[tuple[Role, Site, Floats, Floats]] = []
        for role, label, site in self.sites:
            x = np.array(site(self.parameters))
            kept: list[Floats] = []
            for rotation, translation in zip(rotations, translations, strict=True):
                at = rotation @ x + translation
                if all(np.abs((d := at - k) - np.round(d)).max() > 1e-6 for k in kept):
                    kept.append(at)
                    images.append((role, site, rotation, translation))
            multiplicity = int("".join(c for c in label if c.isdigit()))
            if len(kept) != multiplicity:
                raise ValueError(f"{self.name}: site {label} has {len(kept)} atoms, not {multiplicity}")
        return images

    @property
    def atoms(self) -> int:
        """Atoms in the orthogonal cell."""
        return len(self._images) * (2 if self.hexagonal else 1)

    @property
    def roles(self) -> list[Role]:
        """Role of each atom of the orthogonal cell, in the order of `positions`."""
        return [role for role, *_ in self._images] * (2 if self.hexagonal else 1)

    @property
    def small_fraction(self) -> float:
        """Share of the sites that are small."""
        return sum(role == "small" for role in self.roles) / self.atoms

    def positions(self, parameters: Parameters) -> Floats:
        """[atoms, 3] fractions of the orthogonal cell's edges, not wrapped: affine in the parameters."""
        x = np.array([r @ np.array(site(parameters)) + t for _, site, r, t in self._images])
        if not self.hexagonal:
            return x
        # Hexagonal (u, v, w) is a (u - v/2) along x and a sqrt(3)/2 v along y.
        orthogonal = np.column_stack([x[:, 0] - x[:, 1] / 2, x[:, 1] / 2, x[:, 2]])
        return np.concatenate([orthogonal, orthogonal + np.array([0.5, 0.5, 0.0])])

    def edges(self, parameters: Parameters) -> Floats:
        """[3] edges of the orthogonal cell in units of a."""
        return np.array([1.0, np.sqrt(3.0) if self.hexagonal else 1.0, parameters.get("ca", 1.0)])


def _at(x: float, y: float, z: float) -> Site:
    return lambda p: (x, y, z)


_IDEAL_CA = float(np.sqrt(8 / 3))
_ALL = [
    Prototype("fcc", "face-centred cubic (Cu, A1)", 225, (("large", "4a", _at(0, 0, 0)),)),
    Prototype("bcc", "body-centred cubic (W, A2)", 229, (("large", "2a", _at(0, 0, 0)),)),
    Prototype(
        "hcp", "hexagonal close-packed (Mg, A3)", 194, (("large", "2c", _at(1 / 3, 2 / 3, 1 / 4)),),
        {"ca": _IDEAL_CA}, hexagonal=True,
    ),
    Prototype(
        "b2", "CsCl, 50:50", 221, (("large", "1a", _at(0, 0, 0)), ("small", "1b", _at(0.5, 0.5, 0.5)))
    ),
    Prototype(
        "c11b", "MoSi2 as in Zr2Cu, large:small 2:1, three bcc cells on each other", 139,
        (("large", "4e", lambda p: (0, 0, p["z"])), ("small", "2a", _at(0, 0, 0))),
        {"ca": 3.0, "z": 1 / 3},
    ),
    Prototype(
        "a15", "Cr3Si as in Nb3Sn, large:small 1:3, large atoms in icosahedra", 223,
        (("large", "2a", _at(0, 0, 0)), ("small", "6c", _at(0.25, 0, 0.5))),
    ),
    Prototype(
        "c14", "hexagonal Laves phase MgZn2, large:small 1:2", 194,
        (
            ("large", "4f", lambda p: (1 / 3, 2 / 3, p["z"])),
            ("small", "2a", _at(0, 0, 0)),
            ("small", "6h", lambda p: (p["x"], 2 * p["x"], 1 / 4)),
        ),
        {"ca": _IDEAL_CA, "z": 1 / 16, "x": 5 / 6}, hexagonal=True,
    ),
    Prototype(
        "c15", "cubic Laves phase MgCu2, large:small 1:2", 227,
        (("large", "8a", _at(0, 0, 0)), ("small", "16d", _at(5 / 8, 5 / 8, 5 / 8))),
    ),
    # R. W. G. Wyckoff, Z. Kristallogr. 62, 189 (1925): oxygen halfway between silicon on the diamond lattice.
    Prototype(
        "cristobalite", "ideal beta-cristobalite (SiO2, C9), large:small 2:1, small in tetrahedra of large", 227,
        (("small", "8a", _at(0, 0, 0)), ("large", "16c", _at(1 / 8, 1 / 8, 1 / 8))),
    ),
    # L. Levien, C. T. Prewitt, D. J. Weidner, Am. Mineral. 65, 920 (1980), at 1 bar: a = 4.916 Å, c = 5.4054 Å.
    Prototype(
        "quartz", "alpha-quartz (SiO2), large:small 2:1, small in tetrahedra of large", 154,
        (
            ("small", "3a", lambda p: (p["u"], 0, 2 / 3)),
            ("large", "6c", lambda p: (p["x"], p["y"], p["z"])),
        ),
        {"ca": 5.4054 / 4.916, "u": 0.4697, "x": 0.4135, "y": 0.2669, "z": 0.7858}, hexagonal=True,
    ),
    Prototype(
        "c36", "hexagonal Laves phase MgNi2, large:small 1:2", 194,
        (
            ("large", "4e", lambda p: (0, 0, p["z1"])),
            ("large", "4f", lambda p: (1 / 3, 2 / 3, p["z2"])),
            ("small", "6g", _at(0.5, 0, 0)),
            ("small", "6h", lambda p: (p["x"], 2 * p["x"], 1 / 4)),
            ("small", "4f", lambda p: (1 / 3, 2 / 3, p["z3"])),
        ),
        {"ca": 2 * _IDEAL_CA, "z1": 3 / 32, "z2": 27 / 32, "x": 1 / 6, "z3": 1 / 8}, hexagonal=True,
    ),
]  # fmt: skip
PROTOTYPES = {p.name: p for p in _ALL}

"""What LAMMPS says of two atoms: whether they are all there is, their force, and whether it jumps at the cutoff."""

import re

import pytest

from glasscli.engine import pairwise
from glasscli.engine.pair_derivatives import pair_derivatives
from glasscli.engine.pair_tables import tabulate
from glasscli.engine.pairwise import PairSource, force_jump, many_body, pair_style, same_at_contact
from glasscli.errors import EngineError, InputError
from glasscli.model.system import System, load_system


def variant(name: str, *commands: str, **more: object) -> System:
    """A built-in system with another potential."""
    return load_system(name).model_copy(update={"name": "other", "commands": commands, **more})


def lennard_jones(style: str) -> System:
    return variant("kob-andersen", f"pair_style {style}", "pair_coeff * * 1.0 1.0")


MIXED = (
    "pair_style hybrid/overlay eam/fs zero 7.0",
    "pair_coeff * * eam/fs CuZr_mm.eam.fs Zr Cu",
    "pair_coeff * * zero",
)


def test_what_is_known_by_its_style():
    assert {name: many_body(load_system(name)) for name in ("wahnstrom", "soft-sphere", "cuzr")} == {
        "wahnstrom": None,
        "soft-sphere": None,
        "cuzr": "eam/fs",
    }
    assert pair_style(load_system("cuzr")) == "eam/fs"


def test_embedded_atoms_within_a_hybrid_are_refused_not_written():
    """pair_write would overstep its memory and end the process."""
    system = variant("cuzr", *MIXED)
    assert many_body(system) == "eam/fs"
    for ask in (tabulate, pair_derivatives, PairSource):
        with pytest.raises(InputError, match="many-body potential"):
            ask(system)
    assert force_jump(system) == 0.0


def test_three_atoms_judge_a_style_of_unknown_name(monkeypatch):
    assert many_body(lennard_jones("lj96/cut 2.5")) is None
    both = ("pair_style hybrid lj96/cut 2.5", "pair_coeff * * lj96/cut 1.0 1.0")
    assert many_body(variant("kob-andersen", *both)) is None
    monkeypatch.setattr(pairwise, "MANY_BODY", re.compile("none of them"))
    assert many_body(load_system("cuzr")) == "eam/fs"
    silicon = variant("cuzr", "pair_style sw", "pair_coeff * * Si.sw Si Si", cutoff=3.77)
    assert many_body(silicon) == "sw"
    with pytest.raises(EngineError, match="no such pair style"):
        many_body(lennard_jones("quux 2.5"))


def test_the_curve_is_the_potential():
    """Lennard-Jones in closed form; each pair of Kob and Andersen has a cutoff of its own."""
    system = load_system("kob-andersen")
    with PairSource(system) as source:
        assert source.pairs == [(1, 1), (1, 2), (2, 2)]
        assert [source.cutoff(pair) for pair in source.pairs] == pytest.approx([2.5, 2.0, 2.2], abs=1e-12)
        found = source.curve((1, 2), 50, 0.7, 1.9)
    r, epsilon, sigma = found.r, 1.5, 0.8
    assert (r[0], r[-1]) == pytest.approx((0.7, 1.9))
    expected = 24 * epsilon * (2 * (sigma / r) ** 12 - (sigma / r) ** 6) / r
    assert found.force == pytest.approx(expected, rel=1e-12)
    well = 4 * epsilon * ((sigma / r) ** 12 - (sigma / r) ** 6)
    assert found.energy - found.energy[-1] == pytest.approx(well - well[-1], rel=1e-10)


def test_the_jump_of_the_force():
    jump = 24 * (1 / 2.5**7 - 2 / 2.5**13)
    assert force_jump(load_system("wahnstrom")) == pytest.approx(jump, rel=1e-9)
    assert force_jump(lennard_jones("lj/cut 2.5")) == pytest.approx(jump, rel=1e-9)
    assert force_jump(lennard_jones("lj/smooth/linear 2.5")) < 1e-12  # a shifted force
    for name in ("wahnstrom-smooth", "soft-sphere", "cuzr"):
        assert force_jump(load_system(name)) < 1e-12
    assert pair_derivatives(load_system("wahnstrom")).force_jump == pytest.approx(jump, rel=1e-9)


def test_which_systems_are_one_where_atoms_touch():
    system = load_system("wahnstrom")
    assert same_at_contact(system, load_system("wahnstrom-smooth"), 1e-6)
    assert not same_at_contact(system, load_system("kob-andersen"), 0.1)
    assert not same_at_contact(system, load_system("soft-sphere"), 0.1)

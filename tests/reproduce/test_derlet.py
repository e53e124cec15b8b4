"""What is measured of Derlet and Maaß's figures, on lines, crystals and counts whose answers are known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from glasscli.model.system import load_system
from glasscli.observables.icosahedra import close_packed
from glasscli.reproduce import derlet, derlet_crystals, derlet_eos, derlet_rows, derlet_text_rows
from glasscli.reproduce.comparison import Comparison, Found, Verdict
from glasscli.reproduce.derlet_crystals import laves_sites
from glasscli.reproduce.derlet_hot import _closer
from glasscli.reproduce.trajectory import Trajectory, late, off_line, per_decade
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named

BY_KEY = {
    e.key: e
    for part in (*(getattr(derlet_rows, f"FIG{k}") for k in (1, 2, 3, 4, 5, 7)), derlet_text_rows.TEXT)
    for e in part
}


def verdict(key, found):
    return Comparison(BY_KEY[key], found).verdict


def crystal(name, volume, **more):
    system = load_system("wahnstrom")
    return build_crystal(system, phase_named(name, system), volume=volume, **more).configuration


def glassy_line(slope, n=60, noise=0.01, seed=1):
    """A glass that goes from f_ico = 0.1 to 0.3 along a line, with the scatter of 500 atoms."""
    rng = np.random.default_rng(seed)
    share = np.linspace(0.1, 0.3, n) + rng.normal(0, 0.015, n)
    return Trajectory(share, -7.06 + slope * (share - 0.1) + rng.normal(0, noise, n))


def test_a_line_of_the_papers_slope_agrees_and_one_of_another_differs():
    paper, flat = glassy_line(-1.6), glassy_line(-1.0)
    assert paper.slope.value == pytest.approx(-1.6, abs=3 * paper.slope.error)
    assert verdict("slope", paper.slope) is Verdict.AGREES
    assert verdict("line at half", paper.at(0.5)) is Verdict.AGREES
    assert verdict("slope", flat.slope) is Verdict.DIFFERS
    assert verdict("line at half", flat.at(0.5)) is Verdict.DIFFERS
    # The error of a line grows with the distance from its points, a narrow cloud has no slope at all.
    assert paper.at(0.5).error > 2 * paper.at(0.2).error
    narrow = Trajectory(np.full(40, 0.2) + np.random.default_rng(2).normal(0, 0.015, 40), np.full(40, -7.2))
    assert narrow.slope.value is None and verdict("slope", narrow.slope) is Verdict.UNSURE


def test_what_lies_off_the_line_is_seen_beyond_its_error():
    along = glassy_line(-1.6)
    on = off_line(Found(-7.06 - 1.6 * 0.3, 0.005), Found(0.4, 0.01), along)
    off = off_line(Found(-7.06 - 1.6 * 0.3 - 0.17, 0.005), Found(0.4, 0.01), along)
    assert verdict("crystal on line", on) is Verdict.AGREES
    assert verdict("crystal on line", off) is Verdict.DIFFERS


def test_rarer_events_are_told_from_steady_ones():
    rng = np.random.default_rng(4)
    steps = np.arange(1, 61) * 5000.0
    rarer = rng.poisson(40 - 16 * np.log10(steps / 5000))
    steady = rng.poisson(12, len(steps))
    found = per_decade(steps, rarer.astype(float))
    assert found.value == pytest.approx(-16 / rarer.mean(), abs=3 * found.error)
    assert verdict("events", found) is Verdict.AGREES
    assert verdict("events", per_decade(steps, steady.astype(float))) is not Verdict.AGREES
    assert per_decade(steps, np.zeros(60)).value is None


def test_errors_of_a_course_count_blocks_and_not_frames():
    slow = np.repeat(np.random.default_rng(1).normal(size=20), 40)
    assert late(slow).error > 3 * slow[-200:].std() / np.sqrt(200)


def test_slopes_are_nearer_at_scaled_volumes_or_not():
    near, far, equal = Found(-1.5, 0.05), Found(-2.4, 0.05), Found(-1.6, 0.05)
    assert verdict("slope 67", _closer(near, far, equal)) is Verdict.AGREES
    assert verdict("slope 67", _closer(far, near, equal)) is Verdict.DIFFERS
    assert verdict("slope 67", _closer(Found(None), far, equal)) is Verdict.UNSURE


@pytest.fixture(scope="module")
def layers():
    """A slab of C15 beside hcp of large atoms: what disordered C15 should become."""
    c15, hcp = crystal("c15", 0.687, cells=(2, 2, 2)), crystal("hcp-large", 1.007, cells=(4, 3, 3))
    scale = c15.box.edges[:2] / hcp.box.edges[:2]
    beside = hcp.positions * [*scale, 1.0] + [0, 0, c15.box.edges[2] + 0.4]
    top = c15.box.edges[2] + hcp.box.edges[2] + 0.4
    positions = np.concatenate([c15.positions, beside])
    species = np.concatenate([c15.species, hcp.species])
    box = c15.box.of(np.diag([*c15.box.edges[:2], top]))
    return replace(c15, positions=positions, species=species, box=box)


def test_parts_of_a_segregated_crystal_have_their_compositions(layers):
    packed = derlet_crystals._share([layers] * 3, close_packed, small=False)
    assert packed.value == 100
    # Of the slab of large atoms all but its faces is close-packed; the faces count to neither crystal.
    assert verdict("rest packed", derlet_crystals._packed_rest([layers] * 3)) is Verdict.AGREES
    rng = np.random.default_rng(2)
    loose = replace(
        layers, positions=layers.box.wrap(layers.positions + rng.normal(0, 0.15, layers.positions.shape))
    )
    assert (
        verdict("rest packed", replace(derlet_crystals._packed_rest([loose]), error=0.0)) is Verdict.DIFFERS
    )
    assert derlet_crystals._share([layers], laves_sites, small=True).value == pytest.approx(67, abs=5)
    mixed = [crystal("c15", 0.767, cells=(3, 3, 2), composition=0.5, seed=k) for k in (1, 2)]
    ordered = derlet_crystals._ordered([layers] * 3, mixed)
    assert verdict("Laves part", ordered) is Verdict.AGREES
    assert verdict("Laves part", derlet_crystals._ordered(mixed, [layers] * 3)) is Verdict.DIFFERS


def test_bonds_tell_close_packed_layers_from_laves_and_a_crystal_from_disorder(layers):
    fewer = derlet_crystals._fewer_fives([layers, layers])
    assert fewer.value is not None and fewer.value < -0.3
    assert derlet_crystals._frank_kasper(crystal("c15", 0.687, cells=(2, 2, 2))) == 1
    rng = np.random.default_rng(3)
    shaken = replace(
        layers, positions=layers.box.wrap(layers.positions + rng.normal(0, 0.25, layers.positions.shape))
    )
    assert derlet_crystals._frank_kasper(shaken) < 0.1 < derlet_crystals._frank_kasper(layers)


def test_icosahedra_of_c15_have_its_second_shell_and_sit_on_small_atoms():
    c15 = crystal("c15", 0.687, cells=(3, 3, 3))
    rng = np.random.default_rng(5)
    frames = [
        replace(c15, positions=c15.box.wrap(c15.positions + rng.normal(0, 0.02, c15.positions.shape)))
        for _ in "ab"
    ]
    assert verdict("second peak", replace(derlet._second_peak(frames), error=0.0)) is Verdict.AGREES
    assert derlet.share_of_small(frames).value == 1
    packed = crystal("fcc-small", 0.53, cells=(4, 4, 4))
    assert derlet.share_of_small([packed]).value is None


def test_local_energies_of_small_atoms_are_nearer_to_c15_or_not():
    glass = SimpleNamespace(species=np.array([1, 1, 1, 2, 2, 2]))
    local = {"L": {"energy": -9.0}, "S": {"energy": -7.3}}
    energies = np.array([-8.0, -8.1, -8.2, -7.2, -7.3, -7.4])
    near = derlet_eos._nearer(glass, energies, local)
    assert near.value == pytest.approx(-0.9) and verdict("local small", near) is Verdict.AGREES
    far = np.array([-8.9, -9.0, -9.1, -6.0, -6.1, -6.2])
    assert verdict("local small", derlet_eos._nearer(glass, far, local)) is Verdict.DIFFERS


def test_ripples_of_g_of_r_grow_with_order_and_not_by_chance():
    c15, rng = crystal("c15", 0.7, cells=(3, 3, 3)), np.random.default_rng(6)

    def shaken(by):
        return replace(c15, positions=c15.box.wrap(c15.positions + rng.normal(0, by, c15.positions.shape)))

    ordered, loose = [shaken(0.08) for _ in range(4)], [shaken(0.16) for _ in range(4)]
    assert verdict("ripples", derlet._ripples(loose[0], ordered)) is Verdict.AGREES
    assert verdict("ripples", derlet._ripples(ordered[0], loose)) is Verdict.DIFFERS
    assert verdict("ripples", derlet._ripples(loose[0], loose[1:])) is Verdict.UNSURE

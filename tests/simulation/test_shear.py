"""Athermal quasistatic shear: work is energy, what gives way is bracketed, what is stopped goes on to the same bits."""

import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from glasscli.analysis.choices import Choices
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.measures.instability import Approach, approach
from glasscli.analysis.outcome import describe
from glasscli.analysis.render import render
from glasscli.analysis.rows import row_of
from glasscli.analysis.strained import minima, strained
from glasscli.configuration import Box, Configuration
from glasscli.engine.cutoffs import Cutoffs
from glasscli.engine.forces import Forces
from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.resting import Minimum, Resting
from glasscli.engine.strained import Strained
from glasscli.errors import EngineError, InputError, StoppedEarly
from glasscli.model.protocol import Minimisation
from glasscli.model.strain import Path as StrainPath
from glasscli.model.strain import Strain
from glasscli.model.system import load_system
from glasscli.modes.elastic_tensor import from_strains
from glasscli.modes.hessian import Curvature
from glasscli.observables.plasticity import local_deformation
from glasscli.protocols.kinds.shear import ShearWish
from glasscli.protocols.wish import SamplingWish
from glasscli.report.palette import colour_map
from glasscli.report.views import VIEWS, Look
from glasscli.simulation.plan import plan
from glasscli.simulation.resume import resume
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.store.schema import EVENT, SIDES, STRAIN

SYSTEM = load_system("soft-sphere")
ATOMS = 64


@pytest.fixture(scope="module")
def glass():
    """Atoms at random, at rest."""
    edge = (ATOMS * SYSTEM.defaults.volume_per_atom) ** (1 / 3)
    places = np.random.default_rng(1).uniform(0, edge, (ATOMS, 3))
    start = Configuration(
        places, np.ones(ATOMS, dtype=np.int32), Box.cube(edge), np.zeros((ATOMS, 3), np.int32)
    )
    with Minimiser(SYSTEM) as minimiser:
        return minimiser.minimise(start).configuration


def job(glass, output: Path, forces="own", **how):
    wish = ShearWish(
        sampling=SamplingWish(checkpoint_every=3), **{"strain_step": 2e-3, "resolution": 1e-4} | how
    )
    return plan(SYSTEM, wish, output, "", (glass, Parent("glass", "")), Launch(minima=forces))


@pytest.fixture(scope="module")
def sheared(glass, tmp_path_factory):
    return run(job(glass, tmp_path_factory.mktemp("shear") / "whole.h5", strain_max=0.036, strain_step=2e-3))


def test_what_gives_way_is_bracketed_and_all_else_is_work(sheared):
    found, table = strained(sheared), sheared.table(STRAIN)
    assert len(found.events) == table["strain_events"].sum() >= 1
    assert table["strain"] == pytest.approx(np.linspace(0, 0.036, 19), abs=1e-15)
    assert found.balance < 1e-6 and found.balanced > 0.9  # of steps this long
    around, frames = sheared.table(EVENT), minima(sheared)
    for event in found.events:
        strains = around["event_strain"][[*event.before, event.after]]
        assert (np.diff(strains) > 0).all() and strains[-1] - strains[-2] <= 1e-4
        assert event.energy_drop > 1e-5 and 1 <= event.participants <= ATOMS
        drop = around["event_energy"][event.before[-1]] - around["event_energy"][event.after]
        assert drop * ATOMS == pytest.approx(event.energy_drop, abs=1e-3)
        assert found.map(event).argmax() in np.argsort(found.map(event))[-5:]
        assert frames[event.after].box.vectors[1, 0] == pytest.approx(
            strains[-1] * frames[event.after].box.vectors[1, 1], rel=1e-12
        )


def test_the_lowest_eigenvalue_falls_as_a_square_root_before_it(sheared):
    event = strained(sheared).events[0]
    with Forces(SYSTEM) as forces:
        found = approach(sheared, event, forces, Curvature(forces))
    assert len(found.strains) >= 3 and found.followed and found.correlation < -0.999
    left = np.linspace(0.1, 0.01, 10)  # a mode that softens as any else is not taken for one
    assert not Approach(1.0, (1 - left).tolist(), (1 + left).tolist(), -1.0).followed


def test_what_is_stopped_at_every_checkpoint_has_the_same_bits(glass, sheared, tmp_path):
    cut = job(glass, tmp_path / "cut.h5", strain_max=0.036, strain_step=2e-3)
    pieces = 0
    with pytest.raises(StoppedEarly):
        run(cut, stop=Stop(reason="test"))
    while True:
        try:
            made = resume(cut.output, stop=Stop(reason="test"))
            break
        except StoppedEarly:
            pieces += 1
    assert pieces >= 2
    for series in (STRAIN, EVENT):
        one, other = sheared.table(series), made.table(series)
        assert all(np.array_equal(one[name], other[name]) for name in one)
    assert sheared.frames.digests() == made.frames.digests()
    assert minima(sheared).digests() == minima(made).digests()


def test_what_is_asked_to_stop_does_after_a_step_of_strain(glass, sheared, tmp_path, monkeypatch):
    """Between checkpoints: what was made since the last one is made again, to the same bits."""
    cut = job(glass, tmp_path / "asked.h5", strain_max=0.036, strain_step=2e-3)

    stop, advance = Stop(), Strained.advance

    def asked_in_the_second(engine: Strained, *how: object) -> None:
        advance(engine, *how)
        if engine.start().strain > 1.5 * 2e-3:
            stop.ask(signal.SIGTERM)

    monkeypatch.setattr(Strained, "advance", asked_in_the_second)
    with pytest.raises(StoppedEarly, match="at step 2;"):
        run(cut, stop=stop)
    monkeypatch.undo()
    made = resume(cut.output)
    assert all(
        np.array_equal(sheared.table(STRAIN)[name], made.table(STRAIN)[name]) for name in made.table(STRAIN)
    )
    assert sheared.frames.digests() == made.frames.digests()


def test_a_leap_into_a_higher_valley_is_not_taken(glass, sheared, tmp_path, monkeypatch):
    """Where the energy grows by more than the work, the step is halved from the valley that it came from."""
    assert strained(sheared).events[0].step > 6
    follow, asked = Strained._next, list[float]()

    def leaping(engine: Strained, now: Minimum, strain: float) -> Minimum:
        found = follow(engine, now, strain)
        asked.append(strain)
        return (
            replace(found, energy=found.energy + 1.0) if asked.count(0.01) == 1 and strain == 0.01 else found
        )

    monkeypatch.setattr(Strained, "_next", leaping)
    found = run(job(glass, tmp_path / "leap.h5", strain_max=0.012, strain_step=2e-3))
    ours, usual = (run.table(STRAIN)["strain_energy"][:7] for run in (found, sheared))
    assert ours == pytest.approx(usual, abs=1e-9) and not found.table(STRAIN)["strain_events"][:7].any()
    assert asked.count(0.01) == 2 and pytest.approx(0.009) in asked


def test_below_what_first_gives_way_it_comes_back(glass, sheared, tmp_path):
    first = strained(sheared).events[0].strain
    for furthest, back in ((0.9 * first, True), (0.036, False)):
        made = run(job(glass, tmp_path / f"{back}.h5", strain_max=furthest, strain_step=2e-3, back=True))
        assert strained(made).reversible is back
        ends = strained(made).strobe
        assert (abs(ends[1] - ends[0]) < 1e-9) == back


def test_cycles_have_a_frame_at_each_return(glass, sheared, tmp_path):
    """Below what first gives way nothing moves from one to the next; beyond it atoms do, and energies change."""
    first = strained(sheared).events[0].strain
    assert job(glass, tmp_path / "long.h5", cycles=50, amplitude=0.05).protocol.sampling.frames.every == 50
    for amplitude, still in ((0.9 * first, True), (0.036, False)):
        found = strained(run(job(glass, tmp_path / f"{amplitude}.h5", cycles=2, amplitude=amplitude)))
        assert len(found.strobe) == 3 and found.mobility is not None and len(found.mobility) == 2
        assert (max(found.mobility) < 1e-5) == still and (np.ptp(found.strobe) < 1e-10) == still
        assert found.data["stroboscopic_mobility"] == found.mobility and found.restless is None


def test_lammps_forces_go_the_same_way(glass, tmp_path):
    ours, theirs = (
        run(job(glass, tmp_path / f"{forces}.h5", forces, strain_max=4e-3)).table(STRAIN)
        for forces in ("own", "lammps")
    )
    for name in ("strain_energy", "strain_stress", "stress_xx", "stress_yz"):
        assert ours[name] == pytest.approx(theirs[name], abs=1e-5)


def pulled(glass, output: Path, axis="z", **how):
    return run(job(glass, output, mode="uniaxial", axis=axis, **({"sides": "pressure"} | how)))


def crystal(_):
    """Four atoms of fcc, three times along each edge."""
    edge = (4 * SYSTEM.defaults.volume_per_atom) ** (1 / 3)
    cell = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]) / 2
    places = edge * (cell + np.indices((3, 3, 3)).reshape(3, -1).T[:, None]).reshape(-1, 3)
    n = len(places)
    return Configuration(places, np.ones(n, dtype=np.int32), Box.cube(3 * edge), np.zeros((n, 3), np.int32))


@pytest.mark.parametrize(
    ("axis", "of"), [("x", lambda glass: glass), ("z", lambda glass: glass), ("y", crystal)]
)
def test_young_and_poisson_are_those_of_the_elastic_constants(glass, tmp_path, axis, of):
    """Sides that give way, angles that do not: the compliance of the normal part, to the order of the step."""
    atoms = of(glass)
    made = pulled(atoms, tmp_path / "e.h5", axis, strain_max=2e-5, strain_step=1e-5, tolerance=1e-10)
    along, across = "xyz".index(axis), ["xyz".index(a) for a in "xyz" if a != axis]
    with Minimiser(SYSTEM, Minimisation(force_tolerance=1e-10, max_iterations=10**5)) as minimiser:
        rested = minimiser.minimise(made.frames[0]).configuration
    with Forces(SYSTEM) as forces:
        compliance = np.linalg.inv(from_strains(rested, forces).C[:3, :3])
    found, table = strained(made), made.table(STRAIN)
    assert found.modulus == pytest.approx(1 / compliance[along, along], rel=1e-3)
    ratios = {"xyz"[k]: -compliance[k, along] / compliance[along, along] for k in across}
    for side, strain in found.across.items():
        assert -strain[1] / 1e-5 == pytest.approx(ratios[side], abs=1e-3)
        assert table[f"stress_{side * 2}"] == pytest.approx(-found.held, abs=1e-9)
    assert found.poisson[0] == pytest.approx(np.mean(list(ratios.values())), abs=1e-3)
    # What it starts with: the mean on the sides of the start, where it rests.
    start = Resting(SYSTEM, atoms, made.manifest.protocol.straining, own=True)
    at_rest = start.rest(atoms.positions, 0.0, np.zeros(3), 1e-4).pressure
    start.close()
    assert found.held == pytest.approx(np.mean([at_rest[k, k] for k in across]), abs=1e-5)


def test_a_pull_is_work_of_both_and_its_sides_stay_at_the_pressure(glass, tmp_path):
    """To a pressure that is asked for, past what gives way: energy is the work along and of the sides, less what is
    given off; cycles below it come back, sides too."""
    step = 5e-3
    made = pulled(glass, tmp_path / "p.h5", pressure=2.0, strain_max=0.12, strain_step=step)
    found, table = strained(made), made.table(STRAIN)
    assert len(found.events) >= 1 and found.balance < 1e-6 and found.held == 2.0
    for side in "xy":
        assert table[f"stress_{side * 2}"] == pytest.approx(-2.0, abs=1e-6)
    volumes = np.prod([made.table(SIDES)[f"side_{a}"] for a in "xyz"], axis=0)
    quiet = np.flatnonzero(table["strain_events"][1:] == 0)
    both = volumes * table["strain_stress"]
    work = ((both[1:] + both[:-1]) / 2 * step - 2.0 * np.diff(volumes)) / ATOMS
    assert table["strain_work"][1:][quiet] == pytest.approx(work[quiet], abs=5e-6)
    back = pulled(glass, tmp_path / "b.h5", strain_max=0.08, strain_step=step, back=True, pressure=2.0)
    across = strained(back).across
    assert strained(back).reversible and all(abs(strain[-1]) < 1e-6 for strain in across.values())


def test_a_pull_that_is_stopped_has_the_same_bits(glass, tmp_path):
    """Also the pressure that its start told it."""
    whole = pulled(glass, tmp_path / "whole.h5", strain_max=0.02)
    cut = job(glass, tmp_path / "cut.h5", mode="uniaxial", sides="pressure", strain_max=0.02)
    with pytest.raises(StoppedEarly):
        run(cut, stop=Stop(reason="test"))
    while not cut.output.exists():
        with suppress(StoppedEarly):
            resume(cut.output, stop=Stop(reason="test"))
    made = open_run(cut.output)
    assert len(made.manifest.history) >= 3
    for series in (STRAIN, EVENT, SIDES):
        one, other = whole.table(series), made.table(series)
        assert all(np.array_equal(one[name], other[name]) for name in one)
    assert whole.frames.digests() == made.frames.digests()


def test_a_plane_is_pulled_with_one_side(tmp_path):
    plane = load_system("falk-langer")
    edge = (64 * plane.defaults.volume_per_atom) ** 0.5
    places = np.column_stack([np.random.default_rng(3).uniform(0, edge, (64, 2)), np.zeros(64)])
    box = Box(np.array([edge, edge, 1.0]), dimension=2)
    species = np.repeat([1, 2], [42, 22]).astype(np.int32)
    with Minimiser(plane) as minimiser:
        start = minimiser.minimise(Configuration(places, species, box, np.zeros((64, 3), np.int32)))
    wish = ShearWish(mode="uniaxial", axis="x", sides="pressure", strain_max=4e-4, strain_step=2e-4)
    made = run(plan(plane, wish, tmp_path / "p.h5", "", (start.configuration, Parent("", ""))))
    table, sides = made.table(STRAIN), made.table(SIDES)
    assert np.ptp(sides["side_z"]) == 0 and np.diff(sides["side_y"]).min() != 0
    assert list(strained(made).across) == ["y"]
    assert table["stress_yy"] == pytest.approx(-strained(made).held, abs=1e-6)


@pytest.mark.parametrize("mode", ["pure", "uniaxial", "bulk"])
def test_stress_is_the_slope_of_the_energy_however_it_is_deformed(glass, tmp_path, mode):
    made = run(job(glass, tmp_path / "s.h5", strain_max=-4e-4, strain_step=2e-4, mode=mode, tolerance=1e-9))
    table, volumes = made.table(STRAIN), np.array([frame.volume for frame in made.frames])
    gone = (table["strain_energy"][2] - table["strain_energy"][0]) * ATOMS
    simpson = np.array([1, 4, 1]) / 6 @ (volumes * table["strain_stress"])
    assert gone == pytest.approx(-4e-4 * simpson, rel=1e-6, abs=1e-8)
    grown = volumes[-1] / volumes[0]
    assert grown == pytest.approx(np.exp(4e-4) if mode == "bulk" else 1, rel=1e-12)


@pytest.mark.parametrize("how", [{}, {"mode": "uniaxial", "sides": "pressure", "axis": "y"}])
def test_the_deck_does_the_same_with_lammps_alone(glass, tmp_path, how):
    small = job(glass, tmp_path / "s.h5", strain_max=4e-3, **how)
    (tmp_path / "in.shear").write_text(small.deck.text())
    (tmp_path / small.start.name).write_bytes(small.start.content)
    lmp = Path(sys.executable).with_name("lmp")
    out = subprocess.run(
        [lmp, "-in", "in.shear"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout
    lines = out.splitlines()
    energies = [before.split()[2] for before, line in pairwise(lines) if line.startswith("Loop time")]
    made = run(small)
    assert [float(e) for e in energies[-3:]] == pytest.approx(made.table(STRAIN)["strain_energy"], abs=1e-7)


def test_what_gave_way_is_measured(sheared, tmp_path):
    """Drops, cells, fields, layers and soft spots of a run, by `analyze`; two copies together have its distribution."""
    copy = tmp_path / "copy.h5"
    copy.write_bytes(sheared.path.read_bytes())
    own = tmp_path / "own.h5"
    own.write_bytes(sheared.path.read_bytes())
    first, _ = analyze_all([own, copy], None, Choices(jobs=1), ("rearrangements",))
    (alone,) = analyze_all([own], None, Choices(jobs=1), ("shear-band", "soft-spots"))
    data, found = alone.data | first.data, strained(sheared).events
    rows = data["rearrangements"]["events"]
    assert [row["energy_drop"] for row in rows] == [event.energy_drop for event in found]
    for row in rows:
        cells = row["icosahedra"]
        assert cells["lost"] <= cells["before"] <= ATOMS and row["icosahedra_reason"] is None
        # Four spacings are no medium, and it is said.
        assert row["field"] is None and "spacings wide" in row["field_reason"]
    one, both = data["rearrangements"]["distributions"], data["rearrangements"]["together"]
    assert both["samples"] == 2 and both["energy_drop"]["n"] == 2 * one["energy_drop"]["n"]
    assert both["energy_drop"]["density"] == pytest.approx(one["energy_drop"]["density"])
    band = data["shear-band"]
    assert band["strain"] == 0.036 and band["mean_local_strain"] == pytest.approx(0.036, rel=0.2)
    assert 0 < band["atoms_participation"] < 1 and 0 < band["layers"]["participation"] <= 1
    spots = data["soft-spots"]
    assert len(spots["events"]) == len(found) and spots["random"] == 0.5
    assert all(0 < e["rank_before"] < 1 for e in spots["events"])
    assert (tmp_path / "own-drops.png").exists() and (tmp_path / "own-shear-band.csv").exists()


def test_a_picture_shows_where_it_was_sheared(sheared, tmp_path):
    """The largest and reddest atom is the one whose neighbours were sheared most; a lag beyond the run is one line."""
    frames = sheared.frames
    before, after = frames[0], frames[2]  # nothing has given way
    local = local_deformation(before, after).shear
    assert 0.004 < local.mean() < 0.012
    scene = VIEWS["strain"](after, Look({1: 0.5}, before))
    most, least = np.argmax(local), np.argmin(local)
    assert scene.radii[most] == scene.radii.max() > 2 * scene.radii[least]
    assert scene.bar is not None and scene.bar.low < 0.004 < scene.bar.high
    assert scene.colours[most] == pytest.approx(colour_map()(1.0)[:3])
    assert scene.colours[least] == pytest.approx(colour_map()(0.0)[:3])
    lag = len(frames) - 1
    made = render(sheared.path, tmp_path / "a.png", "strain", lag=lag, width=200, renderer="matplotlib")
    assert made.frame == lag and made.output.read_bytes()[:4] == b"\x89PNG" and made.notes == ()
    with pytest.raises(InputError, match=f"at most {lag} here"):
        render(sheared.path, tmp_path / "b.png", "strain", lag=lag + 1)


def test_a_table_has_a_column_of_what_a_shear_says(sheared):
    found = describe(sheared)
    row = row_of(sheared.path)
    assert row.values["rearrangements"] == len(found.data["events"]) >= 1
    assert row.values["modulus"] == found.data["modulus"]
    assert found.data["forces"] == "own"  # which led to rest, not LAMMPS's, which moved nothing
    drops = [event["energy_drop"] for event in found.data["events"]]
    assert row.values["energy_drop"] == pytest.approx(np.mean(drops))


@pytest.fixture(scope="module")
def jumping():
    """Atoms at rest whose force jumps at the cutoff, by a hundredth of a typical one."""
    wahnstrom = load_system("wahnstrom")
    edge = (100 * wahnstrom.defaults.volume_per_atom) ** (1 / 3)
    places = np.random.default_rng(7).uniform(0, edge, (100, 3))
    species = np.repeat([1, 2], 50).astype(np.int32)
    start = Configuration(places, species, Box.cube(edge), np.zeros((100, 3), np.int32))
    with Minimiser(wahnstrom) as minimiser:
        atoms = minimiser.minimise(start).configuration

    def made(output: Path, **how: object):
        wish = ShearWish(sampling=SamplingWish(checkpoint_every=2), **({"strain_step": 1e-3} | how))
        return plan(wahnstrom, wish, output, "", (atoms, Parent("", "")), Launch(minima="own"))

    return made


def test_pairs_that_cross_their_cutoffs_are_no_rearrangements(jumping, tmp_path, monkeypatch):
    """What they alone can give off is not bisected, what gives off more is, and the path is the same."""
    quick = run(jumping(tmp_path / "quick.h5", strain_max=0.02))
    monkeypatch.setattr(Resting, "toll", lambda *_: 0.0)
    every = run(jumping(tmp_path / "every.h5", strain_max=0.02))
    one, other = quick.table(STRAIN), every.table(STRAIN)
    small = [event.energy_drop for event in strained(every).events if event.energy_drop < 1e-3]
    large = [[e.energy_drop for e in strained(run).events if e.energy_drop >= 1e-3] for run in (quick, every)]
    assert (
        len(strained(quick).events) < len(small) and one["strain_events"].sum() < other["strain_events"].sum()
    )
    assert large[0] == pytest.approx(large[1], rel=0.1)
    assert one["strain_energy"] == pytest.approx(other["strain_energy"], abs=2e-5)
    assert (one["strain_max_force"] <= 1e-6).all()


def test_a_force_that_jumps_is_resumed_to_the_same_bits(jumping, tmp_path):
    whole = run(jumping(tmp_path / "whole.h5", strain_max=0.008))
    cut = jumping(tmp_path / "cut.h5", strain_max=0.008)
    with pytest.raises(StoppedEarly):
        run(cut, stop=Stop(reason="test"))
    made = resume(cut.output)
    assert all(
        np.array_equal(whole.table(STRAIN)[name], made.table(STRAIN)[name]) for name in made.table(STRAIN)
    )
    assert whole.frames.digests() == made.frames.digests()


def test_what_a_pair_gives_off_at_its_cutoff():
    """Half the force there times how far it goes, however it comes across and through whichever face."""
    assert Cutoffs.of(load_system("wahnstrom-smooth")) is None
    cutoffs = Cutoffs.of(load_system("wahnstrom"))
    assert cutoffs is not None
    force = 24 * (1 / 2.5**7 - 2 / 2.5**13)
    assert cutoffs.force[0] == pytest.approx(force, rel=1e-6) and cutoffs.energy.max() < 1e-9
    box, species = Box.cube(8.0), np.ones(3, dtype=np.int32)

    def pair(apart: float) -> np.ndarray:
        return np.array([[1.0, 1, 1], [1 - apart, 1, 1], [4.5, 5, 5]])  # through a face

    for one, other in ((2.49, 2.51), (2.51, 2.48)):
        found = cutoffs.crossed(species, pair(one), box, pair(other), box)
        assert found == pytest.approx(force * abs(other - one) / 2, rel=1e-6)
    assert cutoffs.crossed(species, pair(2.47), box, pair(2.49), box) == 0
    wider = Box.cube(8.0 * 1.01)
    assert cutoffs.crossed(species, pair(2.49), box, 1.01 * pair(2.49), wider) == pytest.approx(
        force * 0.01245
    )


def test_paths_and_boxes():
    path = StrainPath(turns=(0.03, -0.03, 0.0), step=0.01)
    assert path.steps == 12 and path.closed and path.furthest == 0.03
    assert [path.at(k) for k in (0, 3, 6, 9, 12)] == pytest.approx([0, 0.03, 0, -0.03, 0], abs=1e-15)
    box = Box(np.array([[3.0, 0, 0], [0.4, 2, 0], [0.1, -0.3, 4]]))
    for mode in ("simple", "pure", "uniaxial", "bulk"):
        strain = Strain(mode=mode, plane="yz", axis="x")
        once = strain.deformed(box, 0.1)
        assert strain.deformed(once, 0.2).vectors == pytest.approx(
            strain.deformed(box, 0.3).vectors, rel=1e-12
        )
        shrunk = np.exp(-0.1) if mode == "bulk" else 1.0
        assert once.volume == pytest.approx(box.volume * shrunk, rel=1e-12)
        assert np.trace(strain.generator @ strain.generator) == pytest.approx(
            {"simple": 0, "pure": 0.5, "uniaxial": 1.5, "bulk": 1 / 3}[mode]
        )


def test_steps_are_no_longer_than_asked():
    path = StrainPath(turns=(1.5e-4, 0.0), step=1e-4)
    assert path.steps == 4
    assert path.at(1) == 0.75e-4
    assert StrainPath(turns=(0.3,), step=0.1).steps == 3


def test_what_cannot_be_is_one_line(glass, tmp_path):
    for how, words in (
        ({"cycles": 2}, "cycles need --cycles and --amplitude"),
        ({"strain_max": 7.0}, "no box any more: at most 5"),
        ({"strain_step": 0.1}, "--strain-step is at most 0.05"),
        ({"strain_max": 0.0}, "a strain of 0 is no shear"),
        ({"strain_max": 1e-5}, "less than one step of 0.002: use a smaller --strain-step"),
        ({"mode": "bulk", "plane": "xz"}, "--plane is of --mode simple and pure, not of bulk"),
        ({"axis": "x"}, "--axis is of --mode uniaxial, not of simple"),
        ({"sides": "pressure"}, "--sides is of --mode uniaxial, not of simple"),
        ({"mode": "bulk", "pressure": 1.0}, "--pressure is of --mode uniaxial, not of bulk"),
        ({"mode": "uniaxial", "sides": "volume", "pressure": 1.0}, "keeps the volume: leave it out"),
        ({"tolerance": 1e-30}, "--force-tolerance is at least 1e-12"),
        ({"resolution": 1e-30}, "--resolution is at least 2e-12"),
        ({"tolerance": 1e5}, "--force-tolerance is at most 0.01"),
        ({"release": 1e-30}, "--release is at least 1e-10"),
    ):
        with pytest.raises(InputError, match=words):
            job(glass, tmp_path / "no.h5", **how)
    film = Configuration(glass.positions, glass.species, Box(glass.box.edges, (True, True, False)))
    with pytest.raises(InputError, match="periodic everywhere"):
        job(film, tmp_path / "no.h5", strain_max=0.1)
    leaning = Configuration(glass.positions, glass.species, Box(glass.box.vectors + np.diag([0.01, 0], -1)))
    with pytest.raises(InputError, match="those of a rectangular box"):
        job(leaning, tmp_path / "no.h5", strain_max=0.1, mode="uniaxial", sides="pressure")
    with pytest.raises(EngineError, match="nothing holds the sides"):
        pulled(glass, tmp_path / "no.h5", pressure=-500.0, strain_max=0.1)

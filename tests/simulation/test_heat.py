"""Programmes of temperatures: what is planned, that they stop and go on without a changed bit, what is said."""

import json
import shutil

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.observables.calorimetry import IN_BIN
from glasscli.protocols.kinds.heat import LEAST_POINTS, HeatWish
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import Sample, SamplingWish
from glasscli.store.reader import open_run
from glasscli.store.results import add_results

SYSTEM = load_system("wahnstrom")


def quenched(T_f=0.56):
    """A sample at the end of a quench."""
    counts, box = QuenchWish(atoms=200).at_random(SYSTEM)
    before = QuenchWish(atoms=200, T_start=2.0, T_end=0.1, steps=10000).plan(SYSTEM, Sample(counts, box, 2.0))
    return Sample(counts, box, 0.1, before, fictive=T_f)


def tasks(protocol):
    return [(s.task, round(s.T_start, 9), round(s.T_end, 9), s.steps) for s in protocol.segments]


def test_a_glass_is_heated_as_fast_as_it_was_cooled():
    protocol = HeatWish().plan(SYSTEM, quenched())
    assert tasks(protocol) == [("heat", 0.1, 2.0, 10000)] and protocol.steps == 10000
    assert protocol.constant_temperature is None and protocol.fictive == 0.56
    assert protocol.settings["rate"] == pytest.approx(1.9 / (10000 * SYSTEM.timestep))


def test_cycles_cool_age_and_heat():
    wish = HeatWish(cycles=2, age=500, T_age="0.5Tf", steps=1900, cool_rate=0.2, T_end=1.05)
    protocol = wish.plan(SYSTEM, quenched())
    cooling = round(0.77 / 0.2 / SYSTEM.timestep), round(0.18 / 0.2 / SYSTEM.timestep)
    heating = 1900 * 0.18 / 0.95
    assert tasks(protocol) == [
        ("warm", 0.1, 0.28, heating), ("age", 0.28, 0.28, 500), ("cool", 0.28, 0.1, cooling[1]),
        ("heat", 0.1, 1.05, 1900),
        ("cool", 1.05, 0.28, cooling[0]), ("age", 0.28, 0.28, 500), ("cool", 0.28, 0.1, cooling[1]),
        ("heat", 0.1, 1.05, 1900),
    ]  # fmt: skip
    steps = protocol.starts
    assert [protocol.temperature_at(step) for step in steps] == pytest.approx(
        [0.1, 0.28, 0.28, 0.1, 1.05, 0.28, 0.28, 0.1, 1.05]
    )
    assert protocol.temperature_at(steps[3] + 950) == pytest.approx(0.575)


def test_a_liquid_is_cooled_first():
    sample = quenched()
    liquid = Sample(sample.counts, sample.box, 2.5, fictive=None)
    assert [t[:3] for t in tasks(HeatWish(T_low=0.3).plan(SYSTEM, liquid))] == [
        ("cool", 2.5, 0.3),
        ("heat", 0.3, SYSTEM.defaults.T_start),
    ]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (HeatWish(T_end=0.05), "must lie above 0.1"),
        (HeatWish(T_age=0.3), "needs --age"),
        (HeatWish(age=100, T_age=0.05), "between 0.1"),
        (HeatWish(rate=-1.0), "rate -1 is not positive"),
        (HeatWish(cool_rate=0.0), "--cool-rate 0 is not positive"),
        (HeatWish(rate=1.0, steps=100), "--steps or --rate"),
        (HeatWish(cycles=101), "between 1 and 100"),
        (HeatWish(rate=1e-12), "steps"),
    ],
)
def test_what_cannot_be_is_said(wish, said):
    with pytest.raises(InputError, match=said):
        wish.plan(SYSTEM, quenched())


def test_an_unknown_fictive_temperature_is_asked_for():
    with pytest.raises(InputError, match="--T-age"):
        HeatWish(age=100).plan(SYSTEM, quenched(T_f=None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from tests.conftest import run_glasscli

    where = tmp_path_factory.mktemp("heat")
    quench = [
        "quench",
        "--atoms",
        "200",
        "--steps",
        "2000",
        "--equilibration",
        "200",
        "--inherent-every",
        "0",
    ]
    assert run_glasscli(*quench, cwd=where).code == 0
    return where


HEAT = ["heat", "--age", "300", "--T-age", "0.4", "--cycles", "2", "--steps", "1200", "--checkpoint-every", "500",
        "--every", "400", "--inherent-every", "1200"]  # fmt: skip


def test_stopped_at_every_checkpoint_it_is_the_same_to_the_bit(folder):
    from tests.conftest import run_glasscli

    whole = run_glasscli(*HEAT, "--json", cwd=folder)
    assert whole.code == 0, whole.err
    cut = run_glasscli(*HEAT, "-o", "cut.h5", "--walltime", "0", cwd=folder)
    while cut.code == 75:
        cut = run_glasscli("resume", "cut.h5", "--walltime", "0", cwd=folder)
    assert cut.code == 0, cut.err
    first, second = (open_run(folder / name) for name in ("heat.h5", "cut.h5"))
    assert len(second.manifest.history) > 4
    for name in ("step", "temperature", "potential_energy", "pressure"):
        assert np.array_equal(first.thermo[name], second.thermo[name])
    steps = first.thermo["step"]
    assert np.all(np.diff(steps) == 20) and steps[0] == 20 and steps[-1] <= first.manifest.protocol.steps
    assert np.array_equal(first.frames[-1].positions, second.frames[-1].positions)
    data = whole.data
    assert [c["age"]["T"] for c in data["cycles"]] == [0.4, 0.4]
    assert {
        "T_f_area",
        "T_f_crossing",
        "T_onset",
        "overshoot",
        "enthalpy_recovered",
        "cp",
        "cycles",
    } <= data.keys()
    assert len(data["cp"]["T"]) == len(data["cp"]["value"]) == len(data["cp"]["error"]) >= 2
    assert (folder / "heat-heat.png").stat().st_size > 5000
    # What is not there has its reason.
    for name in ("T_f_area", "T_onset", "overshoot", "T_f_crossing", "enthalpy_recovered"):
        assert (data[name] is None) == (name in data["reasons"]), name


def test_it_follows_the_programme_and_others_know_it(folder):
    from tests.conftest import run_glasscli

    if not (folder / "heat.h5").exists():
        assert run_glasscli(*HEAT, cwd=folder).code == 0
    run = open_run(folder / "heat.h5")
    target = np.array([run.manifest.protocol.temperature_at(int(s)) for s in run.thermo["step"]])
    assert np.corrcoef(target, run.thermo["temperature"])[0, 1] > 0.9
    shown = json.loads(run_glasscli("show", "heat.h5", "--json", cwd=folder).out)
    assert shown["kind"] == "heat"
    assert "0.01 -> 0.4 -> 0.01 -> 2 -> 0.4" in run_glasscli("show", "heat.h5", cwd=folder).out
    assert run_glasscli("verify", "heat.h5", cwd=folder).code == 0
    row = run_glasscli("table", "heat.h5", "--json", cwd=folder).data["rows"][0]
    assert (row["cycles"], row["T_age"], row["age_steps"]) == (2, 0.4, 300)
    # What its last heating said is kept, and the table reads it there.
    said = run_glasscli(*HEAT, "--json", cwd=folder).data
    kept = open_run(folder / "heat.h5").result("calorimetry")
    assert kept == {name: said[name] for name in kept} and {"T_f_area", "enthalpy_lost_error"} <= set(kept)
    shutil.copy(folder / "heat.h5", folder / "other.h5")
    add_results(open_run(folder / "other.h5"), {"calorimetry": kept | {"T_f_area": 0.5}})
    (row,) = run_glasscli("table", "other.h5", "--json", cwd=folder).data["rows"]
    assert row["T_f_area"] == 0.5 and row["enthalpy_lost"] == said["enthalpy_lost"]
    # Its heat capacities and its holds as tables.
    assert run_glasscli("analyze", "heat.h5", "--measure", "relaxation", "-o", "said", cwd=folder).code == 0
    capacity = np.genfromtxt(folder / "said-heat.csv", delimiter=",", names=True)
    last = capacity["heating"] == 2
    assert capacity["C_k"][last] == pytest.approx(said["cp"]["value"])
    held = np.genfromtxt(folder / "said-ageing.csv", delimiter=",", names=True)
    assert set(held["heating"]) == {1, 2} and set(held["temperature_εk"]) == {0.4}
    assert held["time_τ"].min() > 0 and held["time_τ"].max() < 300 * SYSTEM.timestep
    lengthened = run_glasscli("resume", "heat.h5", "--steps", "100", cwd=folder)
    assert lengthened.code == 2 and lengthened.err.count("\n") == 1


def test_a_programme_that_says_nothing_of_heat_is_not_begun():
    """As many energies as a heat capacity takes."""
    assert LEAST_POINTS == 3 * IN_BIN
    short = SamplingWish(thermo_every=20)
    with pytest.raises(
        InputError, match="heating in 700 steps has 35 energies, and a heat capacity wants 36"
    ):
        HeatWish(steps=700, sampling=short).plan(SYSTEM, quenched())
    assert HeatWish(steps=720, sampling=short).plan(SYSTEM, quenched()).steps == 720

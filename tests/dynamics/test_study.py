"""The ladder of temperatures: what is asked for, what is laid down, that it goes on where it was."""

from pathlib import Path

import pytest

from glasscli.cli.call import call
from glasscli.dynamics.study import LadderWish, _Chain, temperatures
from glasscli.errors import InputError
from glasscli.model.system import load_system


def test_temperatures_as_people_write_them():
    assert temperatures((0.8, 2.0, 1.0, 1.0), None) == (2.0, 1.0, 0.8)
    ladder = temperatures(None, "2.0:0.5:4")
    assert ladder == (2.0, 1.0, 0.6667, 0.5)  # evenly in 1/T: 0.5, 1, 1.5, 2
    for wrong in ("2.0:0.5", "0.5:2.0:4", "2:1:1", "2:1:1.5", "a:b:c", "inf:1:3", "2:1:1000"):
        with pytest.raises(InputError, match="HIGH:LOW:COUNT"):
            temperatures(None, wrong)
    with pytest.raises(InputError, match="one of them"):
        temperatures((1.0,), "2:1:3")


def test_each_temperature_begins_with_exchanges_where_there_can_be_some():
    wish = LadderWish(load_system("kob-andersen"), "kob-andersen", (1.0, 0.8), steps=64_000)
    chain = _Chain(wish, 1)
    melt = chain.task()
    assert melt.words[0] == "quench" and "1.5" in melt.words and melt.inputs == ()
    chain.done(melt, Path())
    hybrid = chain.task()
    assert hybrid.words[:4] == ("hybrid", "melt.h5", "--T", "1.0") and hybrid.inputs == ("melt.h5",)
    chain.done(hybrid, Path())
    dynamics = chain.task()
    assert (
        dynamics.words[0] == "anneal"
        and "--log-spaced" in dynamics.words
        and "--new-velocities" in dynamics.words
    )
    assert dynamics.output == "T1-1.h5" and dynamics.words[dynamics.words.index("--every") + 1] == "512"
    own = LadderWish(wish.system, wish.where, wish.temperatures, forces="own")
    assert _Chain(own, 1).task().words[-4:-2] == ("--forces", "own")
    assert not LadderWish(load_system("silicon"), "silicon", (3000.0,)).exchanges  # one species, many-body


def test_options_that_mean_nothing_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="--samples is of temperatures that are made"):
        call("dynamics", "some.h5", samples=2)
    with pytest.raises(InputError, match="--species is of FILES"):
        call("dynamics", T="2.0", species="A,B")
    with pytest.raises(InputError, match="a study needs temperatures"):
        call("dynamics")


def test_a_small_ladder_is_made_and_found_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = {"T": "3.0", "atoms": 200, "steps": 2000, "exchange_steps": 0, "jobs": 1, "output": "ladder",
             "no_figure": True, "q": 7.0}  # fmt: skip
    found = call("dynamics", **words)
    (one,) = found["temperatures"]
    assert one["T"] == 3.0 and one["equilibrated"] is True and found["folder"] == "ladder"
    assert one["tau_alpha"]["all"] * 10 < 2000 * 0.004 * 8  # no more than three doublings were needed
    runs = {path: path.stat().st_mtime_ns for path in Path("ladder").glob("*.h5")}
    assert len(runs) >= 2
    assert call("dynamics", **words) == found
    assert runs == {path: path.stat().st_mtime_ns for path in Path("ladder").glob("*.h5")}


def test_a_run_that_is_measured_is_as_long_as_asked_for(tmp_path, monkeypatch):
    """Longer than its certificate needs, found again, and no longer than --max-steps."""
    monkeypatch.chdir(tmp_path)
    words = {"T": "3.0", "atoms": 200, "steps": 2000, "exchange_steps": 0, "jobs": 1, "output": "ladder",
             "no_figure": True, "q": 7.0}  # fmt: skip
    found = call("dynamics", **words, lengths=60)
    (one,) = found["temperatures"]
    assert float(one["equilibrated_reason"].split()[0]) >= 60 and not found["notes_of_ladder"]
    shorter = call("dynamics", **words, lengths=5000, max_steps=20000, force=True)
    assert shorter["temperatures"][0]["equilibrated"] is True
    assert "T = 3: measured over" in shorter["notes_of_ladder"][0]


@pytest.mark.slow
def test_a_ladder_ends_above_what_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="ladder ends above"):
        call(
            "dynamics",
            T="0.45",
            atoms=200,
            steps=2000,
            exchange_steps=0,
            jobs=1,
            output="cold",
            max_steps=2000,
        )

"""`glasscli dynamics` over files: its contract, its tables, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from glasscli.cli.call import call
from glasscli.errors import GlassError, InputError
from tests.dynamics.walks import Walk, by_loops

HEAD = "ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{n}\nITEM: BOX BOUNDS pp pp pp\n0 4\n0 4\n0 4\n"


def write(path, walk):
    with Path(path).open("w") as file:
        for k, frame in enumerate(walk.x):
            file.write(
                HEAD.format(step=walk.steps[k], n=len(walk.species)) + "ITEM: ATOMS id type xu yu zu\n"
            )
            for i, place in enumerate(frame):
                file.write(f"{i + 1} {walk.species[i]} {' '.join(f'{c:.12f}' for c in place)}\n")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_foreign_file_by_loops(here):
    walk = Walk.of(range(30), sigma=0.1)
    write("walk.dump", walk)
    found = call("dynamics", "walk.dump", q="4,6", reach=0.4, T="0.8", no_figure=True)
    assert found["q"] == [4.0, 6.0] and found["time_unit"] == "steps" and found["fits"] is None
    (one,) = found["temperatures"]
    assert one["T"] == 0.8 and one["T_from"] == "--T" and one["viscosity"] is None
    assert set(one["tau_alpha"]) == {"all", "1", "2"}
    # F_s of a walk: exp(-q^2 sigma^2 t / 2).
    assert one["tau_alpha"]["all"] == pytest.approx(2 / (16 * 0.01), rel=0.25)
    text = Path("walk-dynamics.csv").read_text().splitlines()
    head = next(line for line in text if not line.startswith("#")).split(",")
    rows = np.array(
        [
            [float(c) if c else np.nan for c in line.split(",")]
            for line in text[text.index(",".join(head)) + 1 :]
        ]
    )
    by_name = dict(zip(head, rows.T, strict=True))
    for n, lag in enumerate(by_name["lag (steps)"]):
        msd, _, overlap, _, waves = by_loops(walk, int(lag), range(8), (4.0, 6.0), 0.4)
        assert by_name["msd_1 (length²)"][n] == pytest.approx(msd, rel=1e-9)
        assert by_name["F_s_1_q6"][n] == pytest.approx(waves[1], abs=1e-9)
        assert by_name["overlap_1"][n] == pytest.approx(overlap, abs=1e-9)
    assert {Path(name).name for name in found["tables"]} >= {"walk-collective.csv", "walk-van-hove.csv"}
    json.dumps(found, allow_nan=False)


def test_what_is_refused(here):
    walk = Walk.of([0])
    write("one.dump", walk)
    with pytest.raises(InputError, match="two frames"):
        call("dynamics", "one.dump", q="4")
    walk = Walk.of(range(3))
    write("walk.dump", walk)
    with pytest.raises(InputError, match="positive"):
        call("dynamics", "walk.dump", q="-4")
    with pytest.raises(GlassError, match="missing") as refused:
        call("dynamics", "missing.dump")
    assert "\n" not in str(refused.value)


def test_a_run_with_its_stress(here):
    call("quench", atoms=200, steps=300, equilibration=200, inherent_every=0, T_end=1.0, output="melt.h5")
    run = {"steps": 1200, "every": 64, "log_spaced": True, "inherent_every": 0, "stress_every": 2, "thermo_every": 2,
           "velocities": True, "from": "final"}  # fmt: skip
    call("anneal", "melt.h5", T=1.0, output="liquid.h5", **run)
    found = call("dynamics", "liquid.h5")
    (one,) = found["temperatures"]
    assert found["system"] == "wahnstrom" and one["T"] == 1.0 and one["T_from"] == "the run's thermostat"
    assert one["viscosity"] is None and one["viscosity_reason"].startswith("no plateau")
    assert one["bulk_viscosity_reason"].startswith("no plateau")
    assert {Path(f).name for f in found["figures"]} == {"liquid-dynamics.png", "liquid-viscosity.png"}
    assert {"liquid-velocities.csv", "liquid-currents.csv"} <= {Path(f).name for f in found["tables"]}
    with pytest.raises(InputError, match="its temperature changes"):
        call("dynamics", "melt.h5")
    with pytest.raises(InputError, match="steps between exchanges are none"):
        call("hybrid", "melt.h5", T=1.0, steps=100, stress_every=2, output="no.h5")

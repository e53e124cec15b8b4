"""OVITO, in a process of its own, opens our files by the entry point that the package declares."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from glasscli.store.reader import open_run
from tests.conftest import ROOT
from tests.formats.installed import metadata

SCRIPT = """
import json, sys
from ovito.io import import_file
answers = []
for kind in ("frames", "inherent", "states"):
    source = import_file(sys.argv[1], **({} if kind == "frames" else {"kind": kind})).source
    data = source.compute(1)
    types = data.particles.particle_types.types
    answers.append({
        "frames": source.num_frames, "positions": data.particles.positions[...].tolist(),
        "types": data.particles.particle_types[...].tolist(), "ids": data.particles.identifiers[...].tolist(),
        "names": {t.id: [t.name, t.mass, t.radius] for t in types}, "cell": data.cell[...].tolist(),
        "kinds": len(types), "moving": "Velocity" in data.particles,
        "images": data.particles["Periodic Image"][...].tolist(),
        "attributes": {k: v for k, v in data.attributes.items() if isinstance(v, (int, float, str))},
    })
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(runs, tmp_path_factory):
    """What OVITO says of quench.h5, with nothing of glasscli imported, and metadata as an installation leaves them."""
    installed = metadata(tmp_path_factory.mktemp("installed") / "site")
    path = os.pathsep.join([str(installed), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, runs / "quench.h5"], capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONPATH": path}, cwd=installed,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(zip(("frames", "inherent", "states"), json.loads(done.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize("kind", ["frames", "inherent", "states"])
def test_ovito_sees_what_the_file_holds(kind, answers, runs):
    run, found = open_run(runs / "quench.h5"), answers[kind]
    frames = {"frames": run.frames, "inherent": run.inherent}.get(kind)
    expected = run.state(1).configuration if frames is None else frames[1]
    assert found["frames"] == len(run.state_steps if frames is None else frames)
    np.testing.assert_array_equal(found["positions"], expected.positions)
    np.testing.assert_array_equal(found["types"], expected.species)
    np.testing.assert_array_equal(found["ids"], expected.identifiers)
    np.testing.assert_array_equal(found["images"], expected.images)
    np.testing.assert_array_equal(np.array(found["cell"])[:, :3], expected.box.vectors)
    species = run.manifest.system.species
    assert found["names"] == {str(i): [s.name, s.mass, s.radius] for i, s in enumerate(species, start=1)}
    assert found["kinds"] == len(species)
    assert found["moving"] == (expected.velocities is not None)
    attributes = found["attributes"]
    assert attributes["Timestep"] == expected.step and attributes["Units"] == "lj"
    assert attributes["Time"] == pytest.approx(expected.step * run.manifest.protocol.timestep)


def test_energies_are_attributes(answers, runs):
    run = open_run(runs / "quench.h5")
    assert answers["inherent"]["attributes"]["inherent_energy"] == run.inherent_table["inherent_energy"][1]
    row = run.thermo["step"].tolist().index(int(run.frames.steps[1]))
    for name in ("potential_energy", "temperature", "pressure"):
        assert answers["frames"]["attributes"][name] == run.thermo[name][row]

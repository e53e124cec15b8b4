"""`--forces own|lammps` of what is measured: the same minima and passes by either, and whose they were is said."""

import json

import numpy as np
import pytest

from glasscli.engine.forces import Forces
from glasscli.engine.own.compiled import built
from glasscli.landscape.surface import LammpsSurface, PairSurface, surface
from glasscli.modes.hessian import Curvature
from tests.conftest import run_glasscli

pytestmark = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")
COMMANDS = {
    "analyze": ["analyze", "short.h5", "--minimise", "--measure", "icosahedra", "--jobs", "1"],
    "modes": ["modes", "short.xyz", "--system", "wahnstrom-smooth", "--count", "8", "--soft", "1", "--no-figure"],
    "events": ["landscape", "events", "short.h5", "--no-figure"],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A quench of two hundred atoms, and its last frame as a file of somebody else's."""
    at = tmp_path_factory.mktemp("forces")
    for words in (
        ["quench", "--system", "wahnstrom-smooth", "--atoms", "200", "--steps", "3000", "--equilibration", "500",
         "--inherent-every", "1500", "-o", "short.h5"],
        ["export", "short.h5", "-o", "short.xyz"],
    ):  # fmt: skip
        assert run_glasscli(*words, cwd=at).code == 0
    return at


def energies(name: str, said: dict) -> list[float]:
    """What both must agree on."""
    if name == "analyze":
        return [said["inherent_energy"]["last"]]
    if name == "modes":
        return [said["energy"], said["frequency_max"]]
    return said["energies"]


@pytest.mark.parametrize("name", COMMANDS)
def test_either_gives_the_same_numbers_and_says_whose_they_are(folder, name):
    found = {}
    for forces in ("own", "lammps"):
        for kept in folder.glob("*.db"):
            kept.unlink()
        answer = run_glasscli(*COMMANDS[name], "--forces", forces, "--force", "--json", cwd=folder)
        assert answer.code == 0, answer.err
        said = json.loads(answer.out)
        assert said["forces"] == forces
        found[forces] = energies(name, said)
    assert found["own"] == pytest.approx(found["lammps"], rel=1e-6)


def test_a_surface_is_of_the_forces_that_were_asked_for(folder):
    from glasscli.store.reader import open_run

    run = open_run(folder / "short.h5")
    atoms = run.frames[-1]
    with Forces(run.manifest.system) as forces:
        curvature = Curvature(forces)
        ours, theirs = (surface(atoms, forces, curvature, whose) for whose in (None, "lammps"))
        assert isinstance(ours, PairSurface) and isinstance(theirs, LammpsSurface)
        (_, one), (_, other) = (s.evaluate(atoms.positions) for s in (ours, theirs))
    assert np.abs(one - other).max() < 1e-9 * np.abs(other).max()


def test_what_cannot_be_is_one_line(folder):
    for words, line in (
        (["analyze", "short.h5", "--forces", "own"], "give --minimise too"),
        (
            ["modes", "short.xyz", "--system", "cuzr", "--species", "Cu,Zr", "--forces", "own"],
            "--forces own: cuzr",
        ),
    ):
        answer = run_glasscli(*words, cwd=folder)
        assert answer.code and line in answer.err and answer.err.count("\n") == 1, answer.err

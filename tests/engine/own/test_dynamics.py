"""Our forces inside LAMMPS: the same trajectory as long as round-off lets it, and the same bits from any checkpoint."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from glasscli.api.runs import hybrid, quench
from glasscli.configuration import Box
from glasscli.engine.launch import Launch
from glasscli.engine.own.compiled import built
from glasscli.engine.random_atoms import random_atoms
from glasscli.engine.start import LaunchWish, start_engine
from glasscli.errors import InputError, StoppedEarly
from glasscli.model.system import load_system
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import job_of
from glasscli.simulation.run import begin, go_on, run
from glasscli.simulation.stopping import Stop
from glasscli.store.recorder import partial_folder

pytestmark = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")


def followed(accelerator: str, name: str, fix: str, steps: int, every: int = 20, atoms: int = 200):
    """(rows noted, last configuration) of a melt."""
    system = load_system(name)
    box = Box.cube((atoms * system.defaults.volume_per_atom) ** (1 / 3))
    masses = [f"mass {k} {s.mass:g}" for k, s in enumerate(system.species, start=1)]
    with closing(start_engine(system, Launch(accelerator=accelerator))) as engine:
        engine.commands(["units lj", "atom_style atomic", "boundary p p p", "suffix opt"])
        engine.commands(random_atoms(system, system.counts(atoms), box, 11))
        engine.commands([*masses, *system.commands, f"neighbor {system.skin:g} bin"])
        engine.commands(["neigh_modify every 1 delay 0 check yes", f"timestep {system.timestep:g}"])
        engine.commands(
            [
                "thermo_modify norm yes lost error",
                "min_style cg",
                "minimize 0 1e-3 1000 10000",
                "reset_timestep 0",
            ]
        )
        engine.commands(["velocity all create 1.0 77 mom yes dist gaussian", fix])
        engine.record(every)
        for k in range(4):
            engine.advance(steps // 4, (0, steps), k == 0)
        return engine.recorded(-1), engine.configuration()


@pytest.mark.parametrize("name", ["wahnstrom", "soft-sphere", "wahnstrom-smooth"])
@pytest.mark.parametrize(
    "fix",
    ["fix t all nve", "fix t all nvt temp 1.0 1.0 0.2", "fix t all npt temp 1.0 1.0 0.2 iso 1.0 1.0 2.0"],
)
def test_the_trajectory_is_that_of_lammps(name, fix):
    (theirs, one), (ours, other) = (followed(how, name, fix, 80) for how in ("none", "own"))
    assert [step for step, _ in ours] == [step for step, _ in theirs] == list(range(0, 81, 20))
    for (_, a), (_, b) in zip(theirs, ours, strict=True):
        for key in ("temp", "pe", "ke", "press", "vol"):
            # What the start's two minimisations differ by, and what a melt makes of it.
            assert b[key] == pytest.approx(a[key], rel=2e-4, abs=2e-4), key
    assert np.abs(one.box.minimum_image(one.positions - other.positions)).max() < 2e-3


def test_energy_is_conserved_as_well_as_by_lammps():
    drifts = []
    for how in ("none", "own"):
        rows, _ = followed(how, "wahnstrom-smooth", "fix t all nve", 4000, every=100)
        total = np.array([row["pe"] + row["ke"] for _, row in rows])
        drifts.append(abs(np.polyfit(np.arange(len(total)), total, 1)[0]) * len(total))
    assert drifts[1] < max(2 * drifts[0], 1e-5)


def wished(path, forces: str):
    wish = QuenchWish(
        atoms=200,
        steps=1500,
        equilibration=300,
        T_start=2.0,
        sampling=SamplingWish(500, inherent_every=500, checkpoint_every=400),
    )
    return job_of(wish, None, path, launch=LaunchWish(forces=forces))


def everything(made):
    """All numbers of a run."""
    frames = [made.frames[k] for k in range(len(made.frames))]
    minima = [made.inherent[k] for k in range(len(made.inherent))]
    return [
        *(array for c in (*frames, *minima) for array in (c.positions, c.images)),
        *(made.inherent_table[name] for name in made.inherent_table),
        *(made.thermo[name] for name in made.thermo),
    ]


@pytest.mark.parametrize("forces", ["own", "lammps"])
def test_a_run_that_is_stopped_at_every_checkpoint_has_the_same_bits(tmp_path, forces):
    whole = run(wished(tmp_path / "whole.h5", forces))
    assert whole.manifest.launch.forces == forces and whole.manifest.launch.minima == forces
    job = wished(tmp_path / "pieces.h5", forces)
    folder = partial_folder(job.output)
    folder.mkdir()
    begin(job, folder)
    pieces = 0
    while True:
        try:
            made = go_on(job, Stop(reason="test"))
            break
        except StoppedEarly:
            pieces += 1
    assert pieces >= 2
    for one, other in zip(everything(whole), everything(made), strict=True):
        assert np.array_equal(one, other)


def test_hybrids_and_minima_use_them_unasked_and_quenches_do_not(tmp_path):
    one = quench(atoms=200, steps=1000, equilibration=200, output=tmp_path / "q.h5")
    assert one.stored.manifest.launch == replace(Launch(), minima="own")
    other = hybrid(tmp_path / "q.h5", T=0.8, steps=200, output=tmp_path / "h.h5")
    assert other.stored.manifest.launch == Launch(accelerator="own", minima="own")


def test_what_cannot_have_them_says_so_in_one_line(tmp_path):
    for system, launch, words in (
        ("cuzr", LaunchWish(forces="own"), "--forces own: cuzr has a many-body potential"),
        ("wahnstrom", LaunchWish(forces="own", ranks=2), "leave out --lmp and --ranks"),
        ("wahnstrom", LaunchWish(forces="own", accelerator="opt"), "takes the place of --accelerator opt"),
    ):
        with pytest.raises(InputError, match=words):
            job_of(QuenchWish(atoms=200), None, tmp_path / "no.h5", system=system, launch=launch)

"""Frames as whole numbers of a grid: within the precision, in half of the bytes, with all the rest as without."""

import json

import h5py
import numpy as np
import pytest
from MDAnalysis.coordinates.H5MD import H5MDReader

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.errors import FileError, InputError
from glasscli.formats.foreign import ForeignTrajectory
from glasscli.formats.h5md_file import H5mdFile
from glasscli.grid import Grid, differences, group_of, restored
from glasscli.store.content import digest_of_frame
from glasscli.store.extend import reopen
from glasscli.store.finished import FileRun
from glasscli.store.reader import open_run
from glasscli.store.recorder import write_manifest
from glasscli.store.unfinished import JournalRun
from glasscli.store.verify import check
from tests.conftest import run_glasscli

PRECISION = 1e-4
BOXES = (
    Box.cube(5.3),
    Box(np.array([[5.0, 0, 0], [2.4, 4.5, 0], [-1.1, 0.7, 6.0]])),
    Box(np.array([5.0, 6.0, 7.0]), (True, False, True)),
    Box(np.array([5.0, 6.0, 1.0]), dimension=2),
)


@pytest.mark.parametrize("box", BOXES, ids=lambda box: box.words)
def test_coordinates_are_within_the_precision_wherever_they_went(box):
    rng = np.random.default_rng(1)
    parts = rng.random((400, 3))
    parts[:5] = 0.0  # on faces
    images = np.where(box.periodic, rng.integers(-3, 4, (400, 3)), 0).astype(np.int32)
    c = Configuration(box.cartesian(parts), np.ones(400, np.int32), box, images)
    grid = Grid(PRECISION)
    whole = grid.of(c)
    positions, again = grid.places(whole, box)
    assert box.contains(positions).all()
    back = Configuration(positions, c.species, box, again)
    assert np.abs(back.unwrapped - c.unwrapped).max() <= PRECISION * (1 + 1e-9)
    assert np.array_equal(grid.of(back), whole)  # what was rounded once is not rounded again


@pytest.mark.parametrize("group", [1, 3, 64])
def test_differences_come_back_bit_for_bit(group):
    rng = np.random.default_rng(2)
    whole = rng.integers(-(2**40), 2**40, (10, 7, 3))
    kept = np.concatenate([differences(whole[k : k + group]) for k in range(0, 10, group)])
    assert np.array_equal(restored(kept, group), whole)


def test_small_steps_are_small_numbers_of_either_sign():
    steps = np.array([0, -1, 1, -2, 2]).reshape(5, 1, 1)
    assert differences(np.cumsum(steps, axis=0)).ravel().tolist() == [0, 1, 2, 3, 4]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A run with a precision and the same without."""
    folder = tmp_path_factory.mktemp("pair")
    words = (
        "quench",
        "--atoms",
        170,
        "--steps",
        6000,
        "--equilibration",
        400,
        "--every",
        50,
        "--forces",
        "own",
    )
    words += ("--inherent-every", 3000, "--checkpoint-every", 1000, "--velocities")
    for name, more in (("compact", ("--precision", PRECISION)), ("plain", ())):
        answer = run_glasscli(*words, *more, "-o", f"{name}.h5", cwd=folder)
        assert answer.code == 0, answer.err
    return folder


def test_only_positions_of_frames_are_rounded(pair):
    compact, plain = open_run(pair / "compact.h5"), open_run(pair / "plain.h5")
    assert check(compact) == []
    assert len(compact.frames) > group_of(170)  # of several groups
    for a, b in zip(compact.frames, plain.frames, strict=True):
        float32 = np.spacing(np.float32(b.box.length))
        assert np.abs(a.unwrapped - b.unwrapped).max() <= PRECISION + float32
        assert np.array_equal(a.velocities, b.velocities)
    for name, values in plain.thermo.items():
        assert np.array_equal(compact.thermo[name], values), name
    for a, b in zip(compact.inherent, plain.inherent, strict=True):
        assert np.array_equal(a.positions, b.positions)
    for k in range(len(plain.state_steps)):
        assert compact.state(k).restart == plain.state(k).restart
        assert np.array_equal(
            compact.state(k).configuration.positions, plain.state(k).configuration.positions
        )


def test_show_says_what_a_frame_takes(pair):
    said = {
        name: run_glasscli("show", f"{name}.h5", "--json", cwd=pair).data for name in ("compact", "plain")
    }
    assert said["compact"]["precision"] == PRECISION
    assert said["plain"]["precision"] is None
    with h5py.File(pair / "compact.h5") as file:
        grid = file["particles/all/grid"]
        kept, group = grid["value"], int(grid["group"][0])
        assert grid["precision"][0] == PRECISION
        size = kept.id.get_storage_size() / (kept.shape[0] * kept.shape[1])
        # As the documentation says that others read it.
        first = kept[:group]
        steps = (first >> 1).view("i8") ^ -(first & 1).view("i8")
        places = np.cumsum(steps, axis=0) * 2 * PRECISION
    frames = open_run(pair / "compact.h5").frames
    assert np.allclose(places[group - 1], frames[group - 1].unwrapped, atol=1e-12)
    assert said["compact"]["bytes_per_atom_frame"] == pytest.approx(size)
    assert size < 5
    assert said["plain"]["bytes_per_atom_frame"] > 9


def test_one_frame_blocks_and_digests_are_the_same(pair):
    run = open_run(pair / "compact.h5")
    alone = [FileRun(run.path).frames[k] for k in (0, 63, 64, -1)]
    blocks = list(run.blocks("all"))
    positions = np.concatenate([block["positions"] for _, block in blocks])
    for k, c in zip((0, 63, 64, -1), alone, strict=True):
        assert np.array_equal(positions[k], c.positions)
    one_by_one = [digest_of_frame(c.positions, c.box.packed, c.species, c.images) for c in run.frames]
    assert run.frames.digests() == one_by_one


def test_an_unfinished_run_reads_alike(pair, tmp_path):
    run, folder = open_run(pair / "compact.h5"), tmp_path / "again"
    folder.mkdir()
    reopen(run, folder, 0)
    write_manifest(folder, run.manifest)
    journal = JournalRun(folder)
    assert journal.frames.digests() == run.frames.digests()
    assert journal.frame_bytes is None


def test_a_lengthened_run_is_the_long_one(pair, tmp_path):
    words = (
        "anneal",
        pair / "plain.h5",
        "--T",
        0.5,
        "--every",
        40,
        "--inherent-every",
        0,
        "--precision",
        1e-3,
    )
    words += ("--forces", "own", "--checkpoint-every", 200)
    assert run_glasscli(*words, "--steps", 800, "-o", "long.h5", cwd=tmp_path).code == 0
    assert run_glasscli(*words, "--steps", 400, "-o", "short.h5", cwd=tmp_path).code == 0
    answer = run_glasscli("resume", "short.h5", "--steps", 400, cwd=tmp_path)
    assert answer.code == 0, answer.err
    with h5py.File(tmp_path / "long.h5") as a, h5py.File(tmp_path / "short.h5") as b:
        steps = [file["particles/all/position/step"][()].tolist() for file in (a, b)]
        assert steps[0] == steps[1]
        assert np.array_equal(a["particles/all/grid/value"][()], b["particles/all/grid/value"][()])


def test_damage_is_one_line(pair, tmp_path):
    path = tmp_path / "damaged.h5"
    for change, said in (
        (lambda grid: grid.__delitem__("group"), "grid/group is damaged or missing"),
        (lambda grid: grid["group"].__setitem__(0, 7), "grid/group holds other numbers"),
        (lambda grid: grid["value"].__setitem__((70, 3, 1), 17), "grid/value holds other numbers"),
    ):
        path.write_bytes((pair / "compact.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            change(file["particles/all/grid"])
        with pytest.raises(FileError, match=said):
            _ = open_run(path).frames[80]
        assert run_glasscli("verify", path, cwd=tmp_path).code == 1


@pytest.mark.parametrize("precision", [1.0, 0.06, 1e-9])
def test_a_precision_that_spoils_or_saves_nothing_is_refused(precision, tmp_path):
    answer = run_glasscli("quench", "--atoms", 200, "--precision", precision, "--dry-run", cwd=tmp_path)
    assert answer.code == 2
    assert f"--precision {precision:g} is" in answer.err
    assert "from 5.4e-07 to 0.046, or none" in answer.err


def test_a_copy_is_read_by_others(pair, tmp_path):
    for name in ("compact", "plain"):
        answer = run_glasscli(
            "export",
            pair / f"{name}.h5",
            "--kind",
            "frames",
            "--frame",
            "all",
            "-o",
            f"{name}.h5md",
            cwd=tmp_path,
        )
        assert answer.code == 0, answer.err
        frames = open_run(pair / f"{name}.h5").frames
        reader = H5MDReader(str(tmp_path / f"{name}.h5md"), convert_units=False)
        assert reader.n_frames == len(frames)
        for k in (0, 70):
            assert np.array_equal(reader[k].positions, frames[k].positions.astype(np.float32))
            assert np.array_equal(reader[k].velocities, frames[k].velocities.astype(np.float32))
        ours = ForeignTrajectory(tmp_path / f"{name}.h5md")
        assert np.array_equal(ours[70].species, frames[70].species)
        assert np.array_equal(ours[70].images, frames[70].images)
        assert ours[70].step == frames[70].step


def test_a_rounded_copy_is_within_its_precision_and_smaller(pair, tmp_path):
    words = ("export", pair / "plain.h5", "--kind", "frames", "--frame", "all")
    for name, more in (("rounded.h5", ("--precision", 1e-3)), ("plain.h5md", ())):
        assert run_glasscli(*words, *more, "-o", name, cwd=tmp_path).code == 0
    frames = open_run(pair / "plain.h5").frames
    reader = H5MDReader(str(tmp_path / "rounded.h5"), convert_units=False)
    assert np.abs(reader[50].positions - frames[50].positions).max() <= 1e-3
    sizes = [h5py.File(tmp_path / n)["particles/all/position/value"].id.get_storage_size()
             for n in ("rounded.h5", "plain.h5md")]  # fmt: skip
    assert sizes[0] < 0.65 * sizes[1]


def test_species_that_change_are_kept_with_each_frame(tmp_path):
    box, rng = Box.cube(4.0), np.random.default_rng(3)
    kinds = [np.array(k, np.int32) for k in ([1, 2, 2], [1, 2, 2], [2, 1, 2])]
    with H5mdFile(tmp_path / "some.h5md", "metal", ("Cu", "Zr"), (63.5, 91.2)) as file:
        for step, species in enumerate(kinds):
            file.add(Configuration(rng.random((3, 3)), species, box, step=step), step * 0.5)
    ours = ForeignTrajectory(tmp_path / "some.h5md")
    assert [ours[k].species.tolist() for k in range(3)] == [k.tolist() for k in kinds]
    with h5py.File(tmp_path / "some.h5md") as file:
        assert file["particles/all/species/time"][()].tolist() == [0, 0.5, 1]
        assert file["particles/all/position/value"].attrs["unit"] == b"Angstrom"


def test_formats_that_round_nothing_take_no_precision(pair, tmp_path):
    answer = run_glasscli("export", pair / "plain.h5", "--precision", 1e-3, "-o", "a.xyz", cwd=tmp_path)
    assert answer.code == 2
    assert ".xyz rounds no positions" in answer.err
    with pytest.raises(InputError):
        Grid.checked(1e-3, Box.cube(0.01), 1)


def test_an_export_leaves_a_run_alone(pair, tmp_path):
    target = tmp_path / "run.h5"
    target.write_bytes((pair / "compact.h5").read_bytes())
    answer = run_glasscli("export", pair / "plain.h5", "--force", "-o", "run.h5", "--json", cwd=tmp_path)
    assert answer.code == 1
    assert "is a run of glasscli" in json.loads(answer.out)["error"]
    assert target.read_bytes() == (pair / "compact.h5").read_bytes()

"""What is stored can be read: by others as H5MD, by us to the bit, in few bytes, whole or not at all."""

import re

import h5py
import MDAnalysis
import numpy as np
import pytest

from glasscli.store import journal
from glasscli.store.journal import JournalWriter
from glasscli.store.reader import open_run
from glasscli.store.schema import DTYPES, FIELDS
from glasscli.store.superblock import clear_consistency_flags, lookup3
from glasscli.store.verify import check, walk


def test_mdanalysis_reads_what_we_wrote(runs):
    """An independent H5MD reader sees our positions, box and steps; images unwrap them to ours."""
    run = open_run(runs / "anneal.h5")
    universe = MDAnalysis.Universe.empty(len(run.species), trajectory=False)
    universe.load_new(str(runs / "anneal.h5"), format="H5MD", convert_units=False)
    assert universe.trajectory.n_frames == len(run.frames)
    with h5py.File(runs / "anneal.h5") as file:
        images = file["particles/all/image/value"][...]
        assert np.array_equal(file["particles/all/species"][...], run.species)
    for index, read in enumerate(universe.trajectory):
        ours, image = run.frames[index], images[index]
        assert np.array_equal(read.positions, ours.positions.astype("f4"))
        assert np.allclose(read.dimensions, [*ours.box.edges, 90, 90, 90], atol=1e-5)
        assert read.data["step"] == ours.step
        assert np.allclose(read.positions + image * read.dimensions[:3], ours.unwrapped, atol=1e-5)


def test_h5md_structure(runs):
    with h5py.File(runs / "quench.h5") as file:
        assert file["h5md"].attrs["version"].tolist() == [1, 1]
        assert file["h5md/creator"].attrs["name"] == b"glasscli"
        box = file["particles/all/box"]
        assert box.attrs["dimension"] == 3 and box.attrs["boundary"].tolist() == [b"periodic"] * 3
        for group in ("particles/all/position", "particles/all/image"):
            assert file[f"{group}/step"] == file["particles/all/position/step"], (
                "steps are shared by hard link"
            )
            assert file[f"{group}/value"].shape[0] == len(file[f"{group}/time"])


def test_a_frame_costs_at_most_12_bytes_an_atom(runs):
    with h5py.File(runs / "quench.h5") as file:
        positions = file["particles/all/position/value"]
        assert positions.id.get_storage_size() <= 12 * positions.shape[0] * positions.shape[1]


def test_every_dataset_is_in_the_schema_chunked_and_checksummed(runs):
    with h5py.File(runs / "anneal.h5") as file:
        for name, item in walk(file):
            if not isinstance(item, h5py.Dataset) or name.startswith("analysis"):
                continue
            plain = re.sub(r"/(image|box/edges)/(step|time)$", r"/position/\2", name)
            if plain not in DTYPES:
                group, kind = name.rsplit("/", 1)
                assert kind in ("step", "time") and group.startswith("observables/"), name
            else:
                assert item.dtype.str == DTYPES[plain], name
            assert item.fletcher32 and item.chunks, name


def test_the_docs_list_every_dataset():
    from tests.conftest import ROOT

    page = (ROOT / "docs" / "format.md").read_text()
    for field in FIELDS:
        row = f"| `{field.path}` | {field.shape} | `{field.dtype}` | {field.unit} | {field.meaning} |"
        assert row in page, f"docs/format.md lacks {row}"


def test_a_run_carries_its_inputs(runs):
    run = open_run(runs / "anneal.h5")
    parent = open_run(runs / "quench.h5")
    manifest = run.manifest
    assert manifest.parents[0].identity == parent.manifest.identity
    assert "fix thermostat all nvt" in manifest.deck and manifest.protocol.seed == 1
    assert manifest.command_line.startswith("glasscli anneal")
    assert manifest.versions["glasscli"] and manifest.history[0].lammps > 20200101
    assert run.start is not None and run.start[0] == "start.restart"


def test_good_files_verify(runs):
    assert check(open_run(runs / "quench.h5")) == []
    assert check(open_run(runs / "anneal.h5")) == []


@pytest.mark.parametrize("cut", [1, 7, 12, 40, 200])
def test_a_torn_record_ends_a_journal_and_nothing_before_it_is_lost(tmp_path, cut):
    path = tmp_path / "journal"
    writer = JournalWriter(path)
    for step in range(3):
        writer.append("frame", {"step": step}, {"x": np.full(10, step, dtype="<f8")})
    writer.close()
    whole = path.stat().st_size
    path.write_bytes(path.read_bytes()[: whole - cut])
    records = list(journal.read(path))
    assert [r.values["step"] for r in records] == ([0, 1] if cut < 150 else [0])
    again = JournalWriter(path, journal.whole_length(path))
    again.append("frame", {"step": 9}, {"x": np.zeros(2)})
    again.close()
    assert [r.values["step"] for r in journal.read(path)][-1] == 9


def test_a_flipped_byte_ends_a_journal(tmp_path):
    path = tmp_path / "journal"
    writer = JournalWriter(path)
    for step in range(3):
        writer.append("frame", {"step": step}, {"x": np.arange(100.0)})
    writer.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert [r.values["step"] for r in journal.read(path)] == [0]


def test_flags_of_a_dead_writer_are_cleared(tmp_path, runs, glasscli):
    """A program that had the file open in SWMR mode died: HDF5 refuses the file until its flags are cleared."""
    content = bytearray((runs / "quench.h5").read_bytes())
    content[11] = 0x05
    content[44:48] = lookup3(bytes(content[:44])).to_bytes(4, "little")
    path = tmp_path / "quench.h5"
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"."):
        h5py.File(path, "r+")
    answer = glasscli("repair", "quench.h5", "--json")
    assert answer.code == 0 and answer.data["changed"]
    assert path.read_bytes()[:48] == (runs / "quench.h5").read_bytes()[:48]
    assert glasscli("verify", "quench.h5").code == 0
    assert not clear_consistency_flags(path)


def test_a_good_file_is_not_touched_by_repair(tmp_path, runs, glasscli):
    path = tmp_path / "quench.h5"
    path.write_bytes((runs / "quench.h5").read_bytes())
    before = (path.stat().st_mtime_ns, path.read_bytes())
    answer = glasscli("repair", "quench.h5", "--json")
    assert answer.code == 0 and answer.data["changed"] is False
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before

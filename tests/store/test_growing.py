"""A run's file that grows while it runs: whole at every moment, the same bytes whatever the kills, no second copy."""

import errno
import gc
import os
import signal
import threading
import traceback
from contextlib import nullcontext
from pathlib import Path

import h5py
import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.formats.description import describe
from glasscli.simulation.resume import extend, unfinished_in
from glasscli.store import checkpoint as checkpoints
from glasscli.store import closing, so_far, target
from glasscli.store.extend import reopen
from glasscli.store.files import become
from glasscli.store.finished import FileRun
from glasscli.store.growing import segment
from glasscli.store.hdf5 import address, open_hdf5, root_of, walk
from glasscli.store.reader import open_run
from glasscli.store.recorder import JOURNAL, partial_folder, read_manifest, write_manifest
from glasscli.store.so_far import SO_FAR_FILE, VARIABLE
from glasscli.store.unfinished import JournalRun
from glasscli.store.verify import check, verify
from glasscli.workflow.status import of_file
from tests.store.fast_writer import ROWS, begin, configuration, rows, write
from tests.stress.faulty import fatal_boundary

FRAMES, ATOMS, EVERY, STOP = 80, 40, 8, 64
RUN = (FRAMES, ATOMS, EVERY)
CHUNK = 2000
KINDS = {"float32": None, "compact": 1e-3}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Segments and chunks of a few frames."""
    monkeypatch.setenv(VARIABLE, "20000")
    monkeypatch.setattr(target, "CHUNK_BYTES", CHUNK)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Runs that nobody killed, by kind: with segments, and without."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "CHUNK_BYTES", CHUNK)
        for kind, precision in KINDS.items():
            for name, size in (("long", "20000"), ("short", "1e9")):
                patch.setenv(VARIABLE, size)
                write(folder / f"{kind}-{name}.h5", *RUN, precision)
    return folder


def datasets(path):
    with h5py.File(path) as file:
        items = {name: item for name, item in walk(file) if isinstance(item, h5py.Dataset)}
        return {name: (item.dtype, item.chunks, item[()]) for name, item in items.items()}


def assert_same(path, other):
    one, two = datasets(path), datasets(other)
    assert one.keys() == two.keys()
    for name, (kind, chunks, values) in one.items():
        assert (kind, chunks) == two[name][:2] and np.array_equal(values, two[name][2]), name


def child(output, fault=None, precision=None, stop=None):
    """Write a run in a process of its own; return its exit code. stop: only so many frames, and no end."""
    gc.collect()  # what others left is not closed at a moment that nobody knows, which would count as a boundary
    process = os.fork()
    if process == 0:
        gc.disable()
        code = 1
        try:
            with fatal_boundary(*fault) if fault else nullcontext():
                if stop:
                    partial_folder(output).mkdir(exist_ok=True)
                    begin(partial_folder(output), *RUN, precision)
                    rows(partial_folder(output), *RUN, precision, stop)
                else:
                    write(output, *RUN, precision)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def interrupted(output, precision=None, stop=STOP):
    """The folder of a run that was killed."""
    assert child(output, precision=precision, stop=stop) == 0
    return partial_folder(output)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_run_s_file_holds_what_a_short_one_s_does(whole, kind):
    """The same datasets, chunks and numbers."""
    assert_same(whole / f"{kind}-long.h5", whole / f"{kind}-short.h5")
    run = open_run(whole / f"{kind}-long.h5")
    assert run.finished and check(run) == []
    assert "so_far" not in run.file["glasscli"].attrs


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_write_boundaries_it_is_open_to_all_and_ends_in_the_same_bytes(
    kind, whole, tmp_path, pytestconfig
):
    """Half-written chunks, before a sync, before the superblock, the cut of the journal, the rename, the removal."""
    counter, output, precision = tmp_path / "count", tmp_path / "run.h5", KINDS[kind]
    assert child(output, (counter, 0), precision) == 0
    right = output.read_bytes()
    assert_same(output, whole / f"{kind}-long.h5")
    output.unlink()
    total = int(counter.read_text())
    some = [*np.linspace(total // 3, total, 5).astype(int).tolist(), *range(total - 24, total, 8)]
    grown = 0
    for fatal in range(1, total + 1) if pytestconfig.getoption("--full-stress") else sorted(set(some)):
        assert child(output, (counter, fatal), precision) == -signal.SIGKILL
        path = partial_folder(output) / SO_FAR_FILE
        if path.exists():
            grown += 1
            assert check(so_far.so_far(path.parent)) == []
            name = "position" if precision is None else "grid"
            with h5py.File(path) as file:
                steps = file["particles/all/position/step"][()]
                values = file[f"particles/all/{name}/value"]
                assert len(values) == len(steps) and np.array_equal(steps, ROWS * np.arange(len(steps)))
                if precision is None:
                    last = configuration(len(steps) - 1, ATOMS).positions.astype("<f4")
                    assert np.array_equal(values[-1], last)
        if output.exists() or partial_folder(output).joinpath("run.json").exists():
            assert check(open_run(output)) == []
        assert child(output, precision=precision) == 0
        assert output.read_bytes() == right and not partial_folder(output).exists()
        output.unlink()
    assert grown > 2


def test_h5py_has_it_open_all_the_while(whole, tmp_path):
    """Opened again and again it only grows; what was opened once stays as it was, to the end and beyond it."""
    output, seen, first = tmp_path / "run.h5", [], []
    path, done = partial_folder(output) / SO_FAR_FILE, threading.Event()

    def read():
        while not done.is_set():
            try:
                file = h5py.File(path, locking=False)
            except FileNotFoundError:
                continue
            if not first:
                first.append((file, file["particles/all/position/value"][()]))
                continue
            with file:
                steps = file["particles/all/position/step"][()]
                assert len(file["particles/all/position/value"][()]) == len(steps)
                seen.append(len(steps))

    process = os.fork()
    if process == 0:
        write(output, *RUN)
        os._exit(0)
    reader = threading.Thread(target=read)
    reader.start()
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    done.set()
    reader.join()
    assert code == 0 and first and seen == sorted(seen)
    file, values = first[0]
    assert np.array_equal(file["particles/all/position/value"][()], values) and len(values) < FRAMES
    file.close()
    assert_same(output, whole / "float32-long.h5")


def test_what_goes_on_is_read_as_one_run(tmp_path):
    """File and journal together: tables, frames, minima, states; the file alone says that it is not all."""
    folder = interrupted(tmp_path / "run.h5")
    run, alone = open_run(tmp_path / "run.h5"), so_far.so_far(folder)
    assert isinstance(run, JournalRun) and check(run) == []
    assert run.frames.steps.tolist() == [ROWS * k for k in range(STOP + 1)]
    assert run.thermo["step"].tolist() == list(range(ROWS * STOP + 1))
    for k in (0, STOP // 2, STOP):
        assert np.array_equal(run.frames[k].positions, configuration(k, ATOMS).positions.astype("<f4"))
    assert [run.state(k).step for k in range(1)] == [160] == run.state_steps.tolist()
    assert len(run.inherent) == 7 and not alone.finished and 0 < len(alone.frames) < STOP
    assert alone.frames.digests() == run.frames.digests()[: len(alone.frames)]
    assert (folder / SO_FAR_FILE).stat().st_size > 0


def test_what_was_opened_before_a_segment_was_closed_is_read_from_where_it_went(tmp_path):
    output = tmp_path / "run.h5"
    interrupted(output, stop=32)
    before = open_run(output)
    frames, minima = before.frames, before.inherent
    interrupted(output)
    assert so_far.so_far(partial_folder(output)).so_far > before.so_far.so_far
    for k in (0, 20, 32):
        assert np.array_equal(frames[k].positions, configuration(k, ATOMS).positions.astype("<f4"))
    assert np.array_equal(minima[3].positions, configuration(30, ATOMS).positions.astype("<f4"))


def test_the_file_in_the_folder_is_for_others_and_a_copy_says_that_it_is_not_all(tmp_path):
    """Nothing is put beside it, where it would be in the run's way."""
    folder = interrupted(tmp_path / "run.h5")
    with pytest.raises(FileError, match=r"give run\.h5, which has all of it, or copy this file"):
        open_run(folder / SO_FAR_FILE)
    copy = tmp_path / "copies" / "copy.h5"
    copy.parent.mkdir()
    copy.write_bytes((folder / SO_FAR_FILE).read_bytes())
    run = open_run(copy)
    assert not run.finished and check(run) == [] and not verify(copy).finished
    for going_on in (unfinished_in, lambda path: extend(path, 100)):
        with pytest.raises(InputError, match="a copy of a run that had not ended"):
            going_on(copy)
    assert of_file(copy, "copy.h5").reason.endswith("a copy of a run that had not ended")
    assert "what there was at step" in describe(copy).text() and "LAMMPS []" not in describe(copy).text()


def test_a_folder_without_a_growing_file_is_gone_on_with(whole, tmp_path, monkeypatch):
    """As former versions left it: the whole run in the journal."""
    output = tmp_path / "run.h5"
    monkeypatch.setenv(VARIABLE, "1e9")
    folder = interrupted(output)
    assert not (folder / SO_FAR_FILE).exists()
    monkeypatch.setenv(VARIABLE, "20000")
    write(output, *RUN)
    assert_same(output, whole / "float32-long.h5")


@pytest.mark.parametrize("lost", ["journal", "newest", "torn", "both"])
def test_what_is_damaged_is_made_again_from_where_the_file_ends(lost, whole, tmp_path):
    output = tmp_path / "run.h5"
    folder = interrupted(output)
    names = [name for _, name in checkpoints.known(folder)]
    assert len(names) == 3 and checkpoints.known(folder)[0][0] == so_far.so_far(folder).so_far
    if lost in ("journal", "both"):
        (folder / JOURNAL).write_bytes(b"")
    if lost == "torn":
        with (folder / JOURNAL).open("r+b") as file:
            file.truncate(300)
    for name in names[1:] if lost == "both" else names[2:] if lost == "newest" else ():
        (folder / name).write_bytes(b"damaged")
    write(output, *RUN)
    assert_same(output, whole / "float32-long.h5")


def test_without_any_checkpoint_all_is_made_again(whole, tmp_path):
    output = tmp_path / "run.h5"
    for path in interrupted(output).glob("checkpoint-*"):
        path.unlink()
    write(output, *RUN)
    assert_same(output, whole / "float32-long.h5")


def test_a_full_disk_leaves_the_file_as_it_was(whole, tmp_path, monkeypatch):
    output = tmp_path / "run.h5"
    folder = interrupted(output)
    before = (folder / SO_FAR_FILE).read_bytes()
    left = 2

    def put(descriptor, data, offset, write=os.pwrite):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "no space left")
        return write(descriptor, data, offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", put)
        with pytest.raises(OSError, match="no space left"):
            write(output, *RUN)
    assert (folder / SO_FAR_FILE).read_bytes() == before
    assert not output.exists() and check(open_run(output)) == []
    write(output, *RUN)
    assert_same(output, whole / "float32-long.h5")


def test_a_lengthened_run_begins_with_a_copy_of_its_file(whole, tmp_path):
    output, longer = tmp_path / "run.h5", tmp_path / "longer.h5"
    write(output, *RUN)
    folder = partial_folder(output)
    folder.mkdir()
    reopen(FileRun(output), folder, 0)
    assert (folder / SO_FAR_FILE).exists() and (folder / JOURNAL).stat().st_size == 0
    assert any("a longer run of it that is not finished" in note for note in describe(output).notes)
    more = (FRAMES + 40, ATOMS, EVERY)
    begin(folder, *more)
    write(output, *more)
    write(longer, *more)
    one, two = datasets(output), datasets(longer)
    assert one.keys() == two.keys()
    for name in one.keys() - {"glasscli/manifest", "glasscli/sums", "glasscli/checks"}:
        assert np.array_equal(one[name][2], two[name][2]), name
    assert check(open_run(output)) == []


def test_another_time_step_changes_all_times(tmp_path):
    output = tmp_path / "run.h5"
    folder = interrupted(output)
    manifest = read_manifest(folder)
    manifest.protocol = manifest.protocol.model_copy(update={"timestep": 0.0025})
    write_manifest(folder, manifest)
    write(output, *RUN)
    with h5py.File(output) as file:
        for group in ("particles/all/position", "particles/inherent/position", "observables/temperature"):
            assert np.array_equal(file[f"{group}/time"][()], file[f"{group}/step"][()] * 0.0025), group


def test_on_another_file_system_it_is_copied(tmp_path, monkeypatch):
    source, place = tmp_path / "source", tmp_path / "place.h5"
    source.write_bytes(b"whole")
    monkeypatch.setattr(
        Path,
        "replace",
        lambda self, to, rename=Path.replace: rename(self, to) if self != source else elsewhere(),
    )

    def elsewhere():
        raise OSError(errno.EXDEV, "another file system")

    become(source, place)
    assert place.read_bytes() == b"whole" and source.exists()


def test_segments_of_no_size_are_refused(monkeypatch):
    for text in ("none", "-1", "0"):
        monkeypatch.setenv(VARIABLE, text)
        with pytest.raises(InputError, match="not a positive number of bytes"):
            so_far.segment_bytes()


def test_a_segment_is_a_share_of_what_came_before(monkeypatch):
    """So what each closing writes anew stays a share, however long the run."""
    closed = []

    class Stub:
        folder, begins, settled = None, 10_000_000, 0

        def cut(self, end):
            closed.append(end)

    monkeypatch.setattr(closing, "JournalRun", lambda *_, **__: Stub)
    monkeypatch.setattr(Stub, "so_far", None, raising=False)
    monkeypatch.setattr(closing, "require_space", lambda *_: None)
    monkeypatch.setattr(closing, "append", lambda *_: None)
    monkeypatch.setattr(Stub, "folder", Path())
    for settled in (10_600_000, 10_625_000):
        Stub.settled = settled
        closing.close_due(Stub())
    assert closed == [10_625_000]


@pytest.mark.parametrize("rows_", [(30, 900, 1030), (1024, 1025, 2048, 3000)])
def test_indices_go_on_over_pages(rows_, tmp_path):
    """HDF5 keeps 1024 chunks to a page of an index: below, at and beyond it every chunk is found where it was."""
    path, data = tmp_path / "file.h5", np.random.default_rng(1).random((max(rows_), 3))
    for before, count in zip((0, *rows_), rows_, strict=False):
        with segment(path) as opened:
            empty = {"chunks": (1, 3), "compression": "gzip", "shuffle": True, "fletcher32": True}
            dataset = opened.file.create_dataset("rows", (count, 3), "<f8", **empty)
            if before:
                with h5py.File(path, driver="stdio", locking=False) as file:
                    opened.take("rows", opened.index(file["rows"]), before)
            dataset[before:] = data[before:count]
        with h5py.File(path) as file:
            assert np.array_equal(file["rows"][()], data[:count])
            assert file["rows"].id.get_num_chunks() == count


def test_a_dataset_that_lacks_chunks_is_refused_and_nothing_changes(tmp_path):
    path = tmp_path / "file.h5"
    with segment(path) as opened:
        opened.file["one"] = np.arange(5)
    before = path.read_bytes()
    with pytest.raises(FileError, match="otherwise than expected"), segment(path) as opened:
        opened.file.create_dataset("rows", (10, 3), "<f8", chunks=(1, 3), fletcher32=True)[3:] = 1.0
    assert path.read_bytes() == before
    path.write_bytes(b"damaged" + before[7:])
    with pytest.raises(FileError, match="its beginning is damaged"), segment(path):
        pass


def test_a_file_that_is_open_is_read_as_it_is_now(tmp_path):
    """HDF5 takes a file that this process has open, by its number, for what it was when it was opened."""
    path, renamed = tmp_path / "a.h5", tmp_path / "b.h5"
    with segment(path) as one:
        one.file["count"] = 1
    old = h5py.File(path, "r")
    with segment(path) as two:
        two.file["count"] = 3
    path.rename(renamed)
    with h5py.File(renamed, "r") as stale:
        assert stale["count"][()] == 1 and address(stale) != root_of(renamed)
    assert open_hdf5(renamed)["count"][()] == 3 and old["count"][()] == 1

"""What enters from a file: configurations through one gate, sizes before memory, changed numbers never silently."""

from __future__ import annotations

import gzip
import shutil
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.scan import scan
from glasscli.gate import first_fault
from glasscli.limits import LIMITS
from glasscli.store import finished, journal
from glasscli.store.finished import FileRun
from glasscli.store.reader import is_run, open_run
from glasscli.store.verify import check
from tests.attack.foreign_files import ATOMS, sound
from tests.conftest import ROOT, run_glasscli

OLD = (
    ROOT / "tests" / "store" / "data" / "anneal.h5"
)  # without sums: what is in it is only guarded by the gate
POSITIONS, EDGES = "particles/all/position/value", "particles/all/box/edges/value"


@pytest.fixture
def old(tmp_path) -> Path:
    return Path(shutil.copy(OLD, tmp_path / "old.h5"))


@pytest.fixture
def new(tmp_path, runs) -> Path:
    return Path(shutil.copy(runs / "anneal.h5", tmp_path / "new.h5"))


def store(path: Path, name: str, value: object, where: object = ()) -> None:
    """Other numbers, as a program stores them."""
    with h5py.File(path, "r+") as file:
        file[name][where] = value


def atoms(count: int = 8) -> dict[str, np.ndarray]:
    places = np.random.default_rng(1).random((1, count, 3)) * 2.0
    return {"positions": places, "edges": np.full((1, 3), 2.0), "species": np.ones(count, dtype=np.int32)}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("positions", np.nan, "not finite"), ("positions", np.inf, "not finite"), ("positions", 1e30, "outside"),
        ("edges", 1e-12, "a box"), ("edges", 1e300, "a box"), ("edges", -2.0, "a box"), ("edges", 0.0, "a box"),
        ("edges", np.nan, "a box"), ("species", 0, "species 0"), ("species", 99, "species 99"),
        ("species", -1, "species -1"), ("images", 2**30, "images"), ("velocities", np.nan, "velocities"),
        ("ids", 3, "same id"),
    ],
)  # fmt: skip
def test_the_gate(name, value, said):
    some = atoms()
    some["images"] = np.zeros((1, 8, 3), dtype=np.int32)
    some["velocities"] = np.zeros((1, 8, 3))
    some["ids"] = np.arange(1, 9)
    assert first_fault(**some, n_species=2, n_atoms=8) is None
    some[name].reshape(-1)[3 if name == "ids" else 1] = value
    found = first_fault(**some, n_species=2, n_atoms=8)
    assert found is not None and found[0] == 0 and said in found[1]


def test_the_gate_says_which_frame():
    some = atoms()
    some |= {
        "positions": np.repeat(some["positions"], 5, axis=0),
        "edges": np.repeat(some["edges"], 5, axis=0),
    }
    some["positions"][3, 2, 1] = np.nan
    assert first_fault(**some)[0] == 3
    assert "7 atoms, not 8" in first_fault(**atoms(7), n_atoms=8)[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [(POSITIONS, np.nan), (POSITIONS, 1e30), (EDGES, 1e-12), (EDGES, 1e300), (EDGES, -5.0),
     ("particles/all/species", 99), ("particles/inherent/box/edges/value", 1e-12)],
)  # fmt: skip
def test_a_broken_frame_of_our_own(old, name, value):
    """No signal, no hang: one line; and `verify` says so too."""
    where = np.s_[1, 0, 0] if name == POSITIONS else ()
    store(old, name, value, where)
    assert check(open_run(old))
    answer = run_glasscli(
        "analyze", "old.h5", "--moving", "--measure", "icosahedra", "--jobs", "1", cwd=old.parent
    )
    if "inherent" in name:
        answer = run_glasscli("analyze", "old.h5", "--measure", "icosahedra", "--jobs", "1", cwd=old.parent)
    assert answer.code == 1 and answer.err.count("\n") == 1 and "old.h5" in answer.err, answer


def test_energies_that_are_shown_are_finite(old):
    store(old, "observables/inherent_energy/value", np.nan, 0)
    answer = run_glasscli("show", "old.h5", cwd=old.parent)
    assert answer.code == 1 and "not finite" in answer.err and answer.err.count("\n") == 1


def every_dataset() -> list[str]:
    with h5py.File(OLD) as file:
        found: list[str] = []
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return sorted(name for name in found if not name.startswith("analysis") and "/velocity/" not in name)


@pytest.mark.parametrize("name", every_dataset())
def test_other_numbers_in_any_dataset_are_found(new, name):
    """Stored by a program, so that HDF5's own checksums fit them."""
    with h5py.File(new, "r+") as file:
        data = file[name][...]
        data.reshape(-1)[-1] += 1
        file[name][...] = data
    try:
        problems = check(open_run(new))
    except FileError as error:
        problems = [str(error)]
    assert problems, name


def test_other_results_are_found_and_removed(new):
    assert check(open_run(new)) == []
    with h5py.File(new, "r+") as file:
        text = file["analysis/summary/json"][...].tobytes()
        at = next(k for k, byte in enumerate(text) if chr(byte) in "123456789")
        file["analysis/summary/json"][at] = ord("0") if text[at] != ord("0") else ord("1")
    answer = run_glasscli("show", "new.h5", cwd=new.parent)
    assert answer.code == 1 and "repair" in answer.err
    assert any("analysis/summary" in problem for problem in check(open_run(new)))
    assert run_glasscli("repair", "new.h5", cwd=new.parent).code == 0
    assert run_glasscli("show", "new.h5", cwd=new.parent).code == 0


def test_a_circle_ends(new):
    with h5py.File(new, "r+") as file:
        file["particles/all/here"] = file["particles"]
    assert "circle" in check(open_run(new))[0]


def test_many_ways_to_one_group_end(new):
    """Two names for each of 60 groups in groups are 2^60 ways."""
    with h5py.File(new, "r+") as file:
        here = file
        for _ in range(60):
            below = here.create_group("a")
            here["b"] = below
            here = below
    assert "circle" in check(open_run(new))[0]


@pytest.mark.parametrize("target", ["/etc/passwd", "other.h5"])
def test_links_to_other_files_are_not_followed(new, target):
    shutil.copy(new, new.with_name("other.h5"))
    with h5py.File(new, "r+") as file:
        del file["observables/pressure"]
        file["observables/pressure"] = h5py.ExternalLink(target, "observables/pressure")
    run = open_run(new)
    with pytest.raises(FileError, match="not followed"):
        _ = run.thermo
    assert "not followed" in check(run)[0]
    run.file.close()
    with h5py.File(new, "r+") as file:
        del file["glasscli"]
        file["glasscli"] = h5py.ExternalLink(target, "glasscli")
    assert is_run(new.rename(new.with_suffix(".data")))


def test_results_are_never_written_through_a_link(new):
    """Results go into /analysis, wherever that is said to be: not into another file."""
    other = Path(shutil.copy(new, new.with_name("other.h5")))
    before = other.read_bytes()
    with h5py.File(new, "r+") as file:
        del file["analysis"]
        file["analysis"] = h5py.ExternalLink("other.h5", "analysis")
    answer = run_glasscli("analyze", "new.h5", "--measure", "pdf", "--jobs", "1", cwd=new.parent)
    assert answer.code == 1 and answer.err.count("\n") == 1 and other.read_bytes() == before


@pytest.mark.parametrize("kind", ["unwritten", "chunk", "external", "virtual", "reference", "plugin"])
def test_what_is_no_plain_dataset_is_refused_before_it_is_read(new, kind):
    name = "particles/all/position/value"
    with h5py.File(new, "r+") as file:
        shape = file[name].shape
        del file[name]
        if kind == "unwritten":
            file.create_dataset(name, shape, "<f4", chunks=(1, *shape[1:]))
        elif kind == "chunk":
            file.create_dataset(name, (10**6, *shape[1:]), "<f4", chunks=(2**20 // 4, *shape[1:]))
        elif kind == "external":
            file.create_dataset(name, shape, "<f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
        elif kind == "virtual":
            file.create_virtual_dataset(name, h5py.VirtualLayout(shape, "<f4"))
        elif kind == "reference":
            file.create_dataset(name, shape, h5py.ref_dtype)
        else:
            made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            made.set_chunk(shape)
            made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
            space = h5py.h5s.create_simple(shape)
            h5py.h5d.create(file["particles/all/position"].id, b"value", h5py.h5t.IEEE_F32LE, space, made)
    with pytest.raises(FileError, match=r"damaged or missing"):
        open_run(new).frames[0]
    assert check(open_run(new))


@pytest.mark.parametrize("text", [b"[" * 100_000, b"[]", b'{"sums": 1}', b"\xff", b"0" * 64])
def test_checksums_that_are_none(new, text):
    with h5py.File(new, "r+") as file:
        del file["glasscli/checks"]
        file["glasscli/checks"] = np.frombuffer(text, dtype="|u1")
    with pytest.raises(FileError, match="checksums"):
        open_run(new)


def test_a_single_number_in_the_place_of_a_list(new):
    with h5py.File(new, "r+") as file:
        del file["observables/pressure/time"]
        file["observables/pressure/time"] = 1.0
    assert check(open_run(new)) == [
        "dataset observables/pressure/time is damaged or missing: not plain numbers"
    ]


def test_a_huge_manifest_is_refused(new):
    with h5py.File(new, "r+") as file:
        del file["glasscli/manifest"]
        file.create_dataset("glasscli/manifest", (6 * 10**9,), "|u1", chunks=(2**16,), compression="gzip")
    with pytest.raises(FileError, match=r"never written|--allow text"):
        open_run(new)


def test_steps_are_counted_not_listed():
    """A protocol may speak of 1e12 steps: what is missing is known without a list of them."""
    from glasscli.model.schedule import Schedule
    from glasscli.store.verify import _gaps

    class Done:
        finished = True

    steps = np.arange(0, 1000, 10)
    found = _gaps("frames", steps, Schedule(every=10), 10**12, Done())
    assert found == ["frames: 99999999901 missing, the first at step 1000"]
    assert _gaps("frames", steps, Schedule(every=10), 990, Done()) == []
    assert _gaps("thermodynamics", steps[1:], Schedule(every=10), 990, Done()) == []


def test_verify_reads_many_frames_at_once(new, monkeypatch):
    """As many reads as chunks, not as frames; and no byte twice."""
    run = FileRun(new)
    with h5py.File(new) as file:
        stored: list[int] = []
        file.visititems(
            lambda _, item: stored.append(item.nbytes) if isinstance(item, h5py.Dataset) else None
        )
    asked: list[int] = []
    read = finished.FileRun._read

    def counted(self, key, *where, **more):
        found = read(self, key, *where, **more)
        asked.append(found.nbytes)
        return found

    monkeypatch.setattr(finished.FileRun, "_read", counted)
    assert check(run) == []
    assert sum(asked) <= 2 * sum(stored)
    assert len(asked) < 40 + 8 * len(run.state_steps) + 5 * len(stored)


@pytest.mark.parametrize("limit", LIMITS.values(), ids=list(LIMITS))
def test_limits_are_named_and_can_be_changed(limit, monkeypatch):
    monkeypatch.setenv(limit.variable, "10")
    limit.check(10, "it")
    with pytest.raises(FileError, match=f"--allow {limit.name}=11"):
        limit.check(11, "it")
    monkeypatch.setenv(limit.variable, "many")
    with pytest.raises(InputError, match=limit.variable):
        limit.check(1, "it")
    page = (ROOT / "docs" / "format.md").read_text()
    assert f"| `{limit.variable}` |" in page


def test_a_file_of_too_many_atoms_is_refused_by_its_header(new, monkeypatch):
    monkeypatch.setenv("GLASSCLI_MAX_ATOMS", "50")
    with pytest.raises(FileError, match="--allow atoms"):
        open_run(new)


def test_a_record_that_claims_much_takes_no_memory(tmp_path):
    path = tmp_path / "journal"
    path.write_bytes(struct.pack("<4sII", b"GLJ1", 2**31 - 1, 0) + b"x" * 100)
    with path.open("rb") as file:
        assert journal.read_record(file) is None
        assert file.tell() == 12


KINDS = ["dump", "data", "xyz"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("declared", [ATOMS + 40, ATOMS - 20, 1, 10**9])
def test_counts_that_are_not_what_is_listed(tmp_path, kind, declared):
    path = tmp_path / f"x.{kind}"
    path.write_bytes(sound(kind).replace(str(ATOMS).encode(), str(declared).encode(), 1))
    with pytest.raises(FileError) as caught:
        open_any(path)
    assert path.name in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["dump", "xyz"])
def test_a_last_frame_that_is_cut_off_is_told(tmp_path, kind):
    (tmp_path / f"x.{kind}").write_bytes(sound(kind)[:-300])
    answer = run_glasscli("show", f"x.{kind}", cwd=tmp_path)
    assert answer.code == 0 and "frame 2 is cut off" in answer.err
    assert open_any(tmp_path / f"x.{kind}").notes and len(open_any(tmp_path / f"x.{kind}")) == 2
    answer = run_glasscli("analyze", f"x.{kind}", "--measure", "pdf", "--jobs", "1", "--json", cwd=tmp_path)
    assert answer.code == 0 and "cut off" in str(answer.data)
    answer = run_glasscli("export", f"x.{kind}", "-o", "y.data", cwd=tmp_path)
    assert answer.code == 1 and "cut off" in answer.err and not (tmp_path / "y.data").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [b"\0\0\0", b"\xff\xfe\xe4", b"1e30 ", b"nan "])
def test_bytes_and_numbers_that_are_none(tmp_path, kind, bad):
    content = sound(kind)
    at = content.index(b" ", content.rindex(b"\n", 0, len(content) // 4 * 3)) + 1 if kind == "xyz" else -18
    content = (
        content[:at] + bad + content[at + len(bad) :] if kind == "xyz" else content[:-9] + bad[:4] + b"\n"
    )
    (tmp_path / f"x.{kind}").write_bytes(content)
    with pytest.raises(FileError):
        _ = [frame.positions for frame in open_any(tmp_path / f"x.{kind}")]


def test_a_small_file_that_unpacks_to_much(tmp_path):
    path = tmp_path / "x.dump.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n10000000\n" + b"ITEM: ATOMS id type x y z\n")
        for _ in range(100):
            file.write(b"1 1 0 0 0\n" * 100_000)
    with pytest.raises(FileError, match="--allow expansion"):
        scan(path)


def test_a_type_of_any_size_takes_no_memory(tmp_path):
    path = tmp_path / "x.dump"
    path.write_bytes(sound("dump").replace(b"\n7 1 ", b"\n7 2147483647 "))
    with pytest.raises(FileError, match="species"):
        open_any(path)

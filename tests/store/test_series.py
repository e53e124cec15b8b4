"""The table of series: what is entered there is recorded, read, written, verified and gone on with."""

from pathlib import Path

import numpy as np
import pytest

from glasscli.store import schema
from glasscli.store.assemble import assemble
from glasscli.store.extend import reopen
from glasscli.store.finished import FileRun
from glasscli.store.journal import whole_length
from glasscli.store.recorder import JOURNAL, Recorder, write_manifest
from glasscli.store.schema import SERIES, Column, Series
from glasscli.store.unfinished import JournalRun
from glasscli.store.verify import check

WRITTEN = Path(__file__).with_name("data") / "anneal.h5"
COLUMNS = (
    Column("xy", "strain_xy", "<f8", "1", "shear strain"),
    Column("steps", "strain_steps", "<i8", "1", "steps of strain so far"),
)
# As often as thermodynamics, or a row at a time with an array in it.
DENSE = Series("strain", "strains", "E", "steps of strain", COLUMNS, lambda protocol: False, gathered=True)
SPARSE = Series(
    "strain", "strains", "E", "steps of strain",
    (*COLUMNS, Column("pairs", "strain_pairs", "<i8", "1", "broken bonds", "s,s")), lambda protocol: False,
)  # fmt: skip
STEPS = [50, 100, 150]


def opened(run, folder):
    """The run's working folder again."""
    folder.mkdir()
    reopen(run, folder, 0)
    write_manifest(folder, run.manifest)
    name, content = run.start
    (folder / name).write_bytes(content)
    return folder


def row(step):
    return {"xy": step / 7, "steps": step, "pairs": np.full((2, 2), step)}


@pytest.mark.parametrize("series", [DENSE, SPARSE], ids=["gathered", "single"])
def test_a_new_series_is_one_entry(series, tmp_path, monkeypatch):
    monkeypatch.setitem(schema.SERIES, "strain", series)
    assert len(FileRun(WRITTEN).table(series)["strain_xy"]) == 0
    folder = opened(FileRun(WRITTEN), tmp_path / "one")
    recorder = Recorder(folder, whole_length(folder / JOURNAL))
    for step in STEPS:
        recorder.row(series, step, row(step))
    frame = FileRun(WRITTEN).frames[-1]
    recorder.frame(201, frame, velocities=True)  # what is gathered is written with what comes next
    recorder.close()
    runs = [JournalRun(folder)]
    assemble(runs[0], tmp_path / "two.h5")
    runs.append(FileRun(tmp_path / "two.h5"))
    runs.append(JournalRun(opened(runs[1], tmp_path / "three")))
    for run in runs:
        table = run.table(series)
        assert table["step"].tolist() == STEPS
        for column in series.columns:
            expected = np.array([row(step)[column.key] for step in STEPS], dtype=column.dtype)
            assert np.array_equal(table[column.name], expected), column.name
            assert table[column.name].dtype == np.dtype(column.dtype)
    assert check(runs[1]) == []


def test_a_series_that_goes_backwards_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setitem(schema.SERIES, "strain", SPARSE)
    folder = opened(FileRun(WRITTEN), tmp_path / "one")
    recorder = Recorder(folder, whole_length(folder / JOURNAL))
    for step in (100, 50):
        recorder.row(SPARSE, step, row(step) | {"xy": np.nan})
    recorder.close()
    assemble(JournalRun(folder), tmp_path / "two.h5")
    problems = check(FileRun(tmp_path / "two.h5"))
    assert problems == ["strains: steps repeat or go backwards", "strain_xy: 2 values are not finite numbers"]


def test_kinds_and_columns_are_told_apart():
    """Records are found by kind, observables by name."""
    names = [column.name for series in SERIES.values() for column in series.columns]
    assert len(set(names)) == len(names)
    assert not set(SERIES) & {"frame", "state", "species", "checkpoint"}
    for series in SERIES.values():
        assert not (series.gathered and (series.structure or any(c.shape for c in series.columns)))

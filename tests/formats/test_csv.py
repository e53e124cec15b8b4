"""The one writer of CSV, and its reader."""

import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.formats.columns import columns
from glasscli.formats.csv import headed, write_columns, write_rows
from glasscli.landscape import passes, searched, tunnelling, visits
from glasscli.modes import tables
from glasscli.units import UNIT_SYSTEMS


def test_all_digits_come_back_and_what_is_missing_is_empty(tmp_path):
    values = np.random.default_rng(0).normal(size=3)
    path = write_columns(
        tmp_path / "a.csv",
        {"x (σ)": values, "name": ["a", "b,c", None], "n": np.array([1.0, np.nan, 2.0])},
        ["two\nlines"],
    )
    x = [repr(float(v)) for v in values]
    assert path.read_text(encoding="utf-8") == (
        f'# two lines\nx (σ),name,n\n{x[0]},a,1.0\n{x[1]},"b,c",\n{x[2]},,2.0\n'
    )


def test_so_many_digits_and_nan_by_its_name(tmp_path):
    path = write_rows(
        tmp_path / "a.csv", ("x", "n", "there"), [(1 / 3, np.int64(2), True), (np.nan, 3, False)], digits=3
    )
    assert path.read_text() == "x,n,there\n0.333,2,True\nnan,3,False\n"


def test_a_table_is_whole_or_not_there(tmp_path):
    old = write_rows(tmp_path / "a.csv", ["x"], [[1]])
    with pytest.raises(ZeroDivisionError):
        write_rows(old, ["x"], ([1 / n] for n in (1, 0)))
    with pytest.raises(InputError, match="differ in length"):
        write_columns(old, {"a": [1], "b": [1, 2]})
    with pytest.raises(FileError, match="cannot be written"):
        write_rows(tmp_path / "no" / "a.csv", ["x"], [])
    assert list(tmp_path.iterdir()) == [old] and old.read_text() == "x\n1\n"


def test_the_reader_takes_what_the_writer_wrote(tmp_path):
    t, y = np.linspace(0, 1, 5), np.random.default_rng(1).normal(size=5)
    names, read = columns(write_columns(tmp_path / "a.csv", {"t": t, "y": y}, ["of a run"]), (2,))
    assert names == ["t", "y"] and np.array_equal(read, [t, y])


@pytest.mark.parametrize(
    ("columns", "units", "expected"),
    [
        (
            visits.COLUMNS, "lj", "transition,i,j,dE (ε),atoms,distance (σ),kind,length (σ),string,same_as,"
            "icosahedral_movers",
        ),
        (
            passes.COLUMNS, "metal", "pass,transitions,i,j,forward (eV),backward (eV),negative_eigenvalues,converged,"
            "max_force (eV/Å),"
            "nu_forward (rad/ps),nu_backward (rad/ps),path_length (Å),atoms,distance (Å),kind,end_error (eV)",
        ),
        (
            tunnelling.COLUMNS, "lj", "pass,transitions,i,j,splitting (ε),asymmetry (ε),tunnelling (ε),lambda,"
            "wkb (ε),splitting_K,"
            "barrier (ε),mass (ε τ²/σ²),A (ε),eta,xi,met",
        ),
        (
            tables.MODES, "real", "file,mode,frequency (rad/fs),N_k,ratio,plane_waves,kind,hybrid,softening,"
            "cubic ((kcal/mol)^(-1/2) fs⁻³),quartic ((kcal/mol)⁻¹ fs⁻⁴),eta,xi,energy (kcal/mol),"
            "third_order_softness ((kcal/mol)⁻¹)",
        ),
        (("third_order_softness", "x (σ)", "T_K"), "metal", "third_order_softness (eV⁻¹),x (σ),T_K"),
    ],
)  # fmt: skip
def test_a_header_names_the_unit(tmp_path, columns, units, expected):
    path = write_rows(tmp_path / "a.csv", columns, [], units=UNIT_SYSTEMS[units])
    assert path.read_text(encoding="utf-8") == expected + "\n"


def test_columns_of_searches_are_those_of_barriers():
    units = UNIT_SYSTEMS["lj"]
    assert set(headed(searched.COLUMNS, units)) - {"met"} <= set(headed(passes.COLUMNS, units))

"""Tables as CSV files: comments, a header, rows; the file appears whole or not at all.

A column is "name (unit)". Which have a unit, and which, is known here alone (UNITS): who writes a table says names.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from glasscli.errors import FileError, InputError
from glasscli.shown import shown
from glasscli.store.files import replacing
from glasscli.units import UnitNames

# What begins a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@")

Column = ArrayLike | Sequence[object]

_OF_UNIT: dict[str, str] = {
    "{length_unit}": "r x y z dx dy dz magnitude distance length path_length disclination_length "
    "chord_icosahedra chord_laves between_icosahedra between_laves field_core",
    "{length_unit}⁻¹": "q k",
    "{length_unit}²": "msd msd_cage_relative",
    "{volume_unit}": "volume volume_per_atom",
    "{energy_unit}": "potential_energy inherent_energy energy energy_per_atom dE forward backward end_error splitting "
    "asymmetry tunnelling wkb barrier A E damping enthalpy_recovered enthalpy_lost energy_drop",
    "{energy_unit}/{length_unit}": "max_force",
    "{energy_unit}/{length_unit}²": "eigenvalue",
    "{pressure_unit}": "pressure ensemble_pressure stress stress_error storage_modulus storage_modulus_error "
    "loss_modulus loss_modulus_error stress_drop field_stress_drop modulus yield_stress",
    "({pressure_unit})⁻¹": "compliance",
    "{temperature_unit}": "temperature T_f T_f_error T_f_fit_error T_f_area T_f_crossing T_start T_end",
    "{temperature_unit}/{time_unit}": "rate parent_rate",
    "{time_unit}⁻¹": "strain_rate",
    "{time_unit}": "timestep",
    "s": "wall_seconds",
    "{frequency_unit}": "frequency nu_forward nu_backward",
    "{energy_unit} {time_unit}²/{length_unit}²": "mass",  # of motion: what vibrations count masses in
    # Along mass-weighted amplitudes, whose unit is the time by the root of the energy.
    "({energy_unit})^(-1/2) {time_unit}⁻³": "cubic",
    "({energy_unit})⁻¹ {time_unit}⁻⁴": "quartic",
    "({energy_unit})⁻¹": "third_order_softness",
    "steps": "lag",
    "k_B/atom": "heat_capacity C_wells C_error C_harmonic",
    "k_B/(atom K³)": "C_over_T3",
    "W/(K m)": "kappa",
    "1/m": "attenuation_at_kT",
    "1/(atom K)": "n_E",
}
# {column: its unit}. `T_K`, `E_eV` and the like end in theirs, as the JSON keys do; all others are pure numbers.
UNITS = {name: unit for unit, names in _OF_UNIT.items() for name in names.split()}


def headed(names: Iterable[str], units: UnitNames) -> list[str]:
    """Names of columns as a header has them, "name (unit)"; others stay as they are."""
    return [f"{name} ({_symbol(UNITS[name], units)})" if name in UNITS else name for name in names]


def _symbol(unit: str, units: UnitNames) -> str:
    """The unit in letters; only what is a quotient itself keeps its parentheses: ε⁻¹, (kcal/mol)⁻¹."""
    return re.sub(r"\((\w+)\)", r"\1", unit.format_map(vars(units) | {"volume_unit": units.volume_unit}))


def write_rows(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    comments: Sequence[str] = (),
    digits: int | None = None,
    units: UnitNames | None = None,
) -> Path:
    """Write a table to `path` and return it.

    header    names of columns; units: of the file's system, for those that UNITS knows; None: names stay as they are
    comments  lines above the header, after "# "
    digits    significant ones of floating-point numbers, NaN being "nan"; None: all that tell numbers apart, and NaN
              is an empty cell, as None is

    Raises FileError when the file cannot be written.
    """
    try:
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            file.writelines(f"# {shown(' '.join(comment.split()))}\n" for comment in comments)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([_text(name) for name in (headed(header, units) if units else header)])
            whole = (int,) if digits is not None else (int, float)
            # Most cells are numbers, which the writer has as `repr` has them.
            writer.writerows(
                [v if type(v) in whole and v == v else _cell(v, digits) for v in row] for row in rows
            )
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def write_columns(
    path: Path, columns: Mapping[str, Column], comments: Sequence[str] = (), digits: int | None = None,
    units: UnitNames | None = None,
) -> Path:  # fmt: skip
    """Write columns {name: [n] numbers or text} to `path`, in order; see `write_rows`.

    Raises InputError when the columns differ in length.
    """
    lists = {name: _listed(values) for name, values in columns.items()}
    lengths = {name: len(cells) for name, cells in lists.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{path.name}: the columns differ in length: {lengths}")
    return write_rows(path, list(lists), zip(*lists.values(), strict=True), comments, digits, units)


def _listed(values: Column) -> list[object]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)  # type: ignore[arg-type]


def _text(value: str) -> str:
    """A word as a cell: what a spreadsheet would take for a formula is quoted, as spreadsheets do it."""
    value = shown(value)
    return f"'{value}" if value[:1] in _FORMULA and not _is_number(value) else value


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _cell(value: object, digits: int | None) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, float):
        return "" if value is None else value
    if digits is not None:
        return f"{value:.{digits}g}"
    return "" if math.isnan(value) else repr(value)

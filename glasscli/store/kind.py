"""What kind of file lies somewhere, by what it holds and not by its name: whoever writes replaces only its like."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import h5py

from glasscli.limits import parse_json

ANYTHING = "any file"
EMPTY = "an empty file"
RUN = "a run of glasscli"
TABLE = "a table (CSV)"
PAGE = "a web page"
JSON = "a JSON file"
DATA = "a LAMMPS data file"
DUMP = "a LAMMPS dump"
XYZ = "an XYZ file"
DATABASE = "a database"
RESTART = "a LAMMPS restart file"
DECK = "a deck of glasscli"
TEXT = "a text file"
GSD = "a GSD file"
NETCDF = "a NetCDF file"
XTC = "an XTC file"
H5MD = "an HDF5 file of another program"
OTHER = "a file of another kind"
PICTURES = {
    ".png": "a PNG picture", ".pdf": "a PDF", ".svg": "an SVG picture", ".gif": "a GIF", ".mp4": "an MP4 film",
}  # fmt: skip
STRUCTURES = {
    ".lammps": DATA, ".data": DATA, ".lmp": DATA, ".xyz": XYZ, ".extxyz": XYZ, ".dump": DUMP, ".lammpstrj": DUMP,
    ".gsd": GSD, ".nc": NETCDF, ".xtc": XTC,
    ".h5md": H5MD, ".h5": H5MD,
}  # fmt: skip
HEAD = 2**13  # bytes that are looked at
_MAGIC = (
    (b"\x89PNG\r\n", PICTURES[".png"]), (b"%PDF", PICTURES[".pdf"]), (b"GIF8", PICTURES[".gif"]),
    (b"SQLite format 3\0", DATABASE), (b"LammpS RestartT", RESTART), (b"\xdfe" * 4, GSD), (b"CDF\x02", NETCDF),
    (b"\0\0\x07\xcb", XTC),
)  # fmt: skip
HDF5 = b"\x89HDF\r\n\x1a\n"


def kind_of(path: Path) -> str:
    """The kind of a file that is there, in words."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return EMPTY
    return _of_hdf5(path) if head.startswith(HDF5) else kind_of_bytes(head)


def kind_of_bytes(content: bytes) -> str:
    """The kind of what is about to be written, or of the head of a file that is not HDF5, in words."""
    head = content[:HEAD]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp":
        return PICTURES[".mp4"]
    try:
        text = head.decode("utf-8") if len(head) < HEAD else head[:-3].decode("utf-8", errors="ignore")
    except UnicodeDecodeError:
        return OTHER
    return OTHER if "\0" in text else _of_text(text, len(head) < HEAD)


def structure_kind(suffix: str) -> str:
    """The kind of a structure file that is written with an ending."""
    return STRUCTURES.get(suffix.lower(), ANYTHING)


def picture_kind(path: Path) -> str:
    """The kind of a picture that is written under a name."""
    return PICTURES.get(path.suffix.lower(), ANYTHING)


def _of_hdf5(path: Path) -> str:
    try:
        with h5py.File(path, "r") as file:
            return RUN if "glasscli" in file else H5MD
    except (OSError, RuntimeError, KeyError):
        return RUN  # damaged: nobody else's is known


def _of_text(text: str, whole: bool) -> str:
    start = text.lstrip("\ufeff").lstrip()
    low = start[:200].lower()
    if low.startswith(("<!doctype html", "<html")):
        return PAGE
    if low.startswith(("<?xml", "<svg")):
        return PICTURES[".svg"] if "<svg" in text else OTHER
    if re.match(r"#.*\n# written by glasscli ", start):
        return DECK
    if start.startswith("ITEM:"):
        return DUMP
    if start.startswith(("{", "[")) and _is_json(start, whole):
        return JSON
    lines = start.splitlines()
    if not whole:
        lines.pop()  # the last one may be cut
    if _is_xyz(lines):
        return XYZ
    if any(re.fullmatch(r"\s*\d+\s+atoms\s*(#.*)?", line) for line in lines[:40]):
        return DATA
    return TABLE if _is_table([line for line in lines if line and not line.startswith("#")]) else TEXT


def _is_json(text: str, whole: bool) -> bool:
    """Whether a text, or what it begins with, is JSON."""
    try:
        parse_json(text)
    except json.JSONDecodeError as error:
        return not whole and (error.pos > len(text) - 20 or error.msg.startswith("Unterminated"))
    except ValueError:
        return False
    return True


def _is_xyz(lines: list[str]) -> bool:
    """Whether a number, a line of anything and a line of three coordinates or more begin a text."""
    if not lines or not lines[0].strip().isdigit():
        return False
    return len(lines) < 3 or sum(map(_is_number, lines[2].split())) >= 3


def _is_table(lines: list[str]) -> bool:
    """Whether lines are rows of a table: names of columns above, as many cells in each, a number in the first.

    Prose has commas too.
    """
    try:
        header, *rows = csv.reader(lines, strict=True)
    except (ValueError, csv.Error):
        return False
    if len(header) < 2 or any(not cell or cell != cell.strip() or _is_number(cell) for cell in header):
        return False
    return all(len(row) == len(header) for row in rows) and (not rows or any(map(_is_number, rows[0])))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True

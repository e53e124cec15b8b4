"""Hostile HDF5 files by seed: what a disk, a careless script or a stranger does to a finished run."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

Mutation = Callable[[h5py.File, random.Random], None]


def datasets(file: h5py.File) -> list[str]:
    """All of them but results, each under one name."""
    found: list[str] = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return sorted(found)


def _replace(file: h5py.File, name: str, data: object, **more: object) -> None:
    attributes = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=data, **more)
    file[name].attrs.update(attributes)


def values(file: h5py.File, rng: random.Random) -> None:
    """Other numbers, stored as HDF5 stores: one, some or all."""
    name = rng.choice(datasets(file))
    data = file[name][...]
    flat = data.reshape(-1)
    numbers = np.random.default_rng(rng.randrange(2**32))
    kind = rng.choice(["one", "nan", "huge", "noise", "zero", "bytes", "rolled"])
    at = rng.randrange(max(1, len(flat)))
    if not len(flat):
        return
    if kind == "one":
        flat[at] = flat[at] + 1 if flat.dtype.kind in "iu" else flat[at] * 1.01 + 0.01
    elif kind == "nan":
        flat[at] = np.nan if flat.dtype.kind == "f" else np.iinfo(flat.dtype).max
    elif kind == "huge":
        flat[:] = np.finfo(flat.dtype).max if flat.dtype.kind == "f" else np.iinfo(flat.dtype).max
    elif kind == "zero":
        flat[:] = 0
    elif kind == "rolled":
        flat[:] = np.roll(flat, 1)
    elif kind == "noise" and flat.dtype.kind == "f":
        flat[:] = flat * (1 + 0.1 * numbers.standard_normal(len(flat)))
    else:
        flat[:] = np.frombuffer(numbers.bytes(flat.nbytes), dtype=flat.dtype)
    file[name][...] = data


def boxes(file: h5py.File, rng: random.Random) -> None:
    """Edges that no code can divide into cells."""
    group = rng.choice(["all", "inherent"])
    edges = file[f"particles/{group}/box/edges/value"]
    edges[...] = rng.choice([1e-12, 0.0, -5.0, 1e300, np.nan, np.inf, 1e-300])


def types(file: h5py.File, rng: random.Random) -> None:
    name = rng.choice(datasets(file))
    kind = rng.choice(["<f2", ">f8", "<i8", "S9", "|u1", "c16", "ref", "vlen", "compound", "opaque", "bool"])
    shape = file[name].shape
    if kind in ("ref", "vlen"):
        dtype = h5py.ref_dtype if kind == "ref" else h5py.string_dtype()
        del file[name]
        made = file.create_dataset(name, shape, dtype)
        if kind == "ref":
            made[...] = np.full(shape, file.ref, dtype=h5py.ref_dtype)
    else:
        dtype = {"compound": np.dtype([("a", "<f8")]), "opaque": np.dtype("V8")}.get(kind, kind)
        _replace(file, name, np.zeros(shape, dtype=dtype))


def shapes(file: h5py.File, rng: random.Random) -> None:
    name = rng.choice(datasets(file))
    data = file[name][...]
    kind = rng.choice(["cut", "more", "flat", "scalar", "deep", "empty", "null"])
    changed = {
        "cut": lambda: data[:-1], "more": lambda: np.concatenate([data, data[:1]]), "flat": lambda: data.reshape(-1),
        "scalar": lambda: data.reshape(-1)[0], "deep": lambda: data[None], "empty": lambda: data[:0],
        "null": lambda: h5py.Empty(data.dtype),
    }  # fmt: skip
    _replace(file, name, changed[kind]())


def swapped(file: h5py.File, rng: random.Random) -> None:
    """Two datasets in each other's place."""
    one, other = rng.sample(datasets(file), 2)
    file.move(one, "aside")
    file.move(other, one)
    file.move("aside", other)


def missing(file: h5py.File, rng: random.Random) -> None:
    groups = ["particles", "particles/all", "observables", "glasscli/states", "glasscli", "analysis", "h5md"]
    name = rng.choice(datasets(file) + groups)
    if name in file:
        del file[name]


def attributes(file: h5py.File, rng: random.Random) -> None:
    name = rng.choice(["h5md", "glasscli", "particles/all/box", *datasets(file)])
    kind = rng.choice(["garbage", "gone", "ref", "many", "text"])
    if kind == "gone":
        for key in list(file[name].attrs):
            del file[name].attrs[key]
    elif kind == "many":
        for k in range(500):
            file[name].attrs[f"a{k}"] = k
    else:
        file[name].attrs[rng.choice(["version", "format_version", "odd \x1b[31m"])] = {
            "garbage": np.random.default_rng(1).random(500), "ref": file.ref, "text": "x" * 60000,
        }[kind]  # fmt: skip


def links(file: h5py.File, rng: random.Random) -> None:
    """Out of the file, in circles, nowhere."""
    names = [*datasets(file), "particles", "glasscli", "analysis", "observables", "particles/inherent", "new"]
    name = rng.choice(names)
    kind = rng.choice(["external", "passwd", "soft", "dangling", "circle", "parent", "fan"])
    if name in file:
        del file[name]
    parent = file[name.rsplit("/", 1)[0]] if "/" in name else file
    if kind in ("external", "passwd"):
        file[name] = h5py.ExternalLink("other.h5" if kind == "external" else "/etc/passwd", name)
    elif kind in ("soft", "dangling"):
        file[name] = h5py.SoftLink("/h5md" if kind == "soft" else "/nowhere")
    elif kind == "fan":
        here = file.create_group(name)
        for _ in range(40):
            below = here.create_group("a")
            here["b"] = below
            here = below
    else:
        file[name] = parent if kind == "parent" else file["/"]


def bombs(file: h5py.File, rng: random.Random) -> None:
    """Little on disk, much in memory."""
    name = rng.choice(["particles/all/position/value", "glasscli/manifest", "observables/pressure/value",
                       "glasscli/states/position", "glasscli/checks", "glasscli/sums", "analysis/summary/json",
                       "particles/all/species", "particles/all/position/step"])  # fmt: skip
    kind = rng.choice(["shape", "chunk", "contiguous", "external", "virtual", "plugin", "unpacked"])
    dtype = file[name].dtype if name in file else np.dtype("u1")
    if name in file:
        del file[name]
    huge = (10**9, 200, 3) if "position/value" in name or name.endswith("states/position") else (6 * 10**9,)
    if kind == "shape":
        file.create_dataset(
            name, huge, dtype, chunks=(1, *huge[1:]) if huge[1:] else (2**16,), compression="gzip"
        )
    elif kind == "chunk":
        file.create_dataset(
            name, huge, dtype, chunks=(2**19, *huge[1:]) if huge[1:] else (2**27,), compression="gzip"
        )
    elif kind == "contiguous":
        file.create_dataset(name, huge, dtype)
    elif kind == "external":
        file.create_dataset(name, (500,), dtype, external=[("/etc/passwd", 0, 500 * dtype.itemsize)])
    elif kind == "virtual":
        layout = h5py.VirtualLayout(huge, dtype)
        file.create_virtual_dataset(name, layout)
    elif kind == "plugin":
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((64,))
        made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple((64,))
        h5py.h5d.create(
            _home(file, name), name.rsplit("/", 1)[-1].encode(), h5py.h5t.py_create(dtype), space, made
        )
    else:
        count = 3 * 10**8 // dtype.itemsize
        file.create_dataset(name, (count,), dtype, chunks=(2**20 // dtype.itemsize,), compression="gzip")
        file[name][:] = 0


def _home(file: h5py.File, name: str) -> h5py.h5g.GroupID:
    return file.require_group(name.rsplit("/", 1)[0]).id


def text(file: h5py.File, rng: random.Random) -> None:
    """A manifest, checks or results that say other things."""
    name = rng.choice(["glasscli/manifest", "glasscli/manifest", "glasscli/checks", "analysis/summary/json"])
    content = bytearray(file[name][...].tobytes())
    kind = rng.choice(["byte", "cut", "steps", "deep", "json", "nul"])
    if kind == "byte":
        at = rng.randrange(len(content))
        content[at] = rng.randrange(32, 127)
    elif kind == "cut":
        content = content[: rng.randrange(len(content))]
    elif kind == "steps":
        content = content.replace(b'"steps": 3000', b'"steps": 1000000000000').replace(
            b"100", b"1000000000", 1
        )
    elif kind == "deep":
        content = bytearray(b"[" * 100_000)
    elif kind == "json":
        content = bytearray(rng.choice([b"{}", b"[]", b"null", b"1e999", b'{"identity": {}}']))
    else:
        content[len(content) // 2] = 0
    _replace(file, name, np.frombuffer(bytes(content), dtype="|u1"))


MUTATIONS: list[Mutation] = [
    values, values, values, boxes, types, shapes, swapped, missing, attributes, links, links, bombs, bombs, text,
]  # fmt: skip


def hostile(original: bytes, path: Path, seed: int) -> str:
    """Write the file of a seed to `path`; return what was done to it."""
    rng = random.Random(seed)
    content = bytearray(original)
    if seed % 4 == 0:
        kind = rng.choice(["truncate", "flip", "flips", "zeros", "garbage", "head"])
        at = rng.randrange(len(content))
        if kind == "truncate":
            content = content[:at]
        elif kind == "flip":
            content[at] ^= 1 << rng.randrange(8)
        elif kind == "flips":
            for _ in range(30):
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        elif kind == "head":
            content[rng.randrange(200)] ^= 1 << rng.randrange(8)
        else:
            size = len(content[at : at + 512])
            content[at : at + 512] = bytes(size) if kind == "zeros" else rng.randbytes(size)
        path.write_bytes(content)
        return f"{kind} at {at}"
    path.write_bytes(content)
    change = MUTATIONS[seed % len(MUTATIONS)] if seed < 2 * len(MUTATIONS) else rng.choice(MUTATIONS)
    before = rng.getstate()
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:
        change(file, rng)
    del before
    return change.__name__

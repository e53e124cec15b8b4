"""A vacancy in an fcc crystal and the places it may go: a sample whose transitions are known. Run as a script it
crosses them, and says which it made.
"""

import os
import sys
from pathlib import Path

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.landscape.barriers import cross
from glasscli.landscape.catalogue import Catalogue
from glasscli.landscape.events import find
from glasscli.model.system import load_system

EDGE, CELLS = 1.56, 3


def crystal():
    """[108, 3] fcc sites of the large atoms, and the box."""
    base = np.array([(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)])
    cells = np.stack(np.meshgrid(*[np.arange(CELLS)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    return (cells + base).reshape(-1, 3) * EDGE, Box.cube(CELLS * EDGE)


def trajectory(hops):
    """Frames: a vacancy at site 0, then at each of its first `hops` neighbours, back in between."""
    sites, box = crystal()
    d = box.minimum_image(sites - sites[0])
    neighbours = np.flatnonzero(np.abs(np.linalg.norm(d, axis=1) - EDGE / 2**0.5) < 1e-9)[:hops]
    kinds = np.ones(len(sites) - 1, np.int32)
    frames = [Configuration(sites[1:], kinds, box, step=0)]
    for k, n in enumerate(neighbours):
        moved = sites[1:].copy()
        moved[n - 1] = sites[0]
        frames.append(Configuration(moved, kinds, box, step=200 * k + 100))
        frames.append(Configuration(sites[1:], kinds, box, step=200 * k + 200))
    return frames


def events_of(frames):
    """Energies: equal by symmetry, so that places alone tell the minima apart."""
    events = find((frame, 0.0) for frame in frames)
    return events, {k: frames[m.frame] for k, m in enumerate(events.minima)}


def crossed(path, hops, jobs=1):
    """Cross the first hops; returns what `cross` does."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    events, minima = events_of(trajectory(hops))
    with Catalogue(Path(path)) as catalogue:
        before = catalogue.keys("barrier")
        add = catalogue.add

        def told(kind, key, value):
            add(kind, key, value)
            print(key, flush=True)

        catalogue.add = told
        found = cross(catalogue, events, minima, load_system("wahnstrom-smooth"), rates=False, jobs=jobs)
        return found, before


if __name__ == "__main__":
    crossed(sys.argv[1], int(sys.argv[2]))

"""Atoms that walk at random, as a trajectory; and their functions by plain loops over atoms and pairs of times."""

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Box, Configuration

SPECIES = np.array([1] * 8 + [2] * 5, dtype=np.int32)


@dataclass
class Walk:
    """Frames of atoms that went `x` [F, N, 3], unwrapped, in boxes of `edges` [F, 3]."""

    x: np.ndarray
    steps: np.ndarray
    edges: np.ndarray
    species: np.ndarray
    velocities: np.ndarray | None = None

    @classmethod
    def of(cls, steps, species=SPECIES, sigma=0.2, breathing=0.0, seed=5):
        rng = np.random.default_rng(seed)
        steps = np.asarray(steps)
        n = len(species)
        moves = rng.standard_normal((len(steps), n, 3)) * sigma
        moves *= np.sqrt(np.diff(steps, prepend=steps[0]))[:, None, None]
        x = rng.uniform(0, 4, (n, 3)) + moves.cumsum(axis=0)
        edges = 4.0 * (1 + breathing * rng.standard_normal((len(steps), 1)) * np.ones(3))
        return cls(
            x * edges[:, None] / 4.0,
            steps,
            edges,
            np.asarray(species),
            rng.standard_normal((len(steps), n, 3)),
        )

    def __len__(self):
        return len(self.steps)

    def __iter__(self):
        return (self[k] for k in range(len(self)))

    def __getitem__(self, k):
        k %= len(self)
        box = Box(self.edges[k])
        inside, images = box.folded(self.x[k])
        return Configuration(inside, self.species, box, images, self.velocities[k], int(self.steps[k]))


def gone(walk, i, j):
    """[N, 3] displacements, the centre held, an even swelling of the box left out."""
    d = (walk.x[j] / walk.edges[j] - walk.x[i] / walk.edges[i]) * (walk.edges[i] + walk.edges[j]) / 2
    return d - d.mean(axis=0)


def pairs_at(walk, lag):
    return [
        (i, j) for i in range(len(walk)) for j in range(len(walk)) if walk.steps[j] - walk.steps[i] == lag
    ]


def by_loops(walk, lag, atoms, qs, reach):
    """(msd, alpha2, overlap, chi4, [F_s]) of some atoms at a lag, atom by atom and pair by pair."""
    squares, fourths, overlaps, waves = [], [], [], [[] for _ in qs]
    for i, j in pairs_at(walk, lag):
        moved = gone(walk, i, j)
        near = 0
        for a in atoms:
            r2 = float(moved[a] @ moved[a])
            squares.append(r2)
            fourths.append(r2 * r2)
            near += r2 < reach**2
            for k, q in enumerate(qs):
                waves[k].append(np.sin(q * r2**0.5) / (q * r2**0.5))
        overlaps.append(near / len(atoms))
    msd = np.mean(squares)
    chi4 = len(atoms) * np.var(overlaps)
    return msd, 0.6 * np.mean(fourths) / msd**2 - 1, np.mean(overlaps), chi4, [np.mean(w) for w in waves]

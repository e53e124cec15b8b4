"""Atoms of other programs' files: whose they are, and how far they went."""

import csv

import numpy as np
import pytest

EDGE, N = 6.0, 60
STEP = np.array([0.7, -0.4, 0.2])


def places(k):
    """Atoms that all drift alike, with a rattle that is known, unwrapped; [N, 3]."""
    start = np.random.default_rng(1).random((N, 3)) * EDGE
    return start + k * STEP * np.where(np.arange(N) % 2, 1, -1)[:, None]


def write_xyz(path, frames=20):
    """As LAMMPS writes extended XYZ of a box from -L/2 to L/2, an atom a hair outside of it."""
    with path.open("w") as file:
        for k in range(frames):
            wrapped = places(k) % EDGE - EDGE / 2
            low = int(wrapped[:, 0].argmin())
            wrapped[low, 0] = -EDGE / 2 - 0.001
            file.write(
                f'{N}\nLattice="{EDGE} 0 0 0 {EDGE} 0 0 0 {EDGE}" Properties=species:S:1:pos:R:3 pbc="T T T"\n'
            )
            file.writelines(f"{'AB'[i % 2]} {x:.9f} {y:.9f} {z:.9f}\n" for i, (x, y, z) in enumerate(wrapped))


def write_dump(path, columns, frames=20):
    with path.open("w") as file:
        for k in range(frames):
            file.write(f"ITEM: TIMESTEP\n{100 * k}\nITEM: NUMBER OF ATOMS\n{N}\nITEM: BOX BOUNDS pp pp pp\n")
            file.write(f"0 {EDGE}\n" * 3 + f"ITEM: ATOMS {columns}\n")
            inside = places(k) % EDGE
            crossed = np.round((places(k) - inside) / EDGE).astype(int)
            for i in range(N):
                where = places(k)[i] if "xu" in columns else inside[i]
                flags = crossed[i] if "ix" in columns else ()
                file.write(" ".join(map(str, (7 * i + 5, 1 + i % 2, *where, *flags))) + "\n")


def moved(data):
    """Mean-square displacement after each lag; the sample as a whole stands still."""
    motion = data["displacements"]["motion"]
    return np.array(motion["lag"]), np.array(motion["msd"])


@pytest.mark.parametrize("columns", ["x y z", "xu yu zu", "x y z ix iy iz", "xu yu zu ix iy iz"])
def test_motion_is_the_same_whatever_the_file_states(glasscli, tmp_path, columns):
    write_dump(tmp_path / "a.dump", f"id type {columns}")
    answer = glasscli("analyze", "a.dump", "--measure", "displacements", "--json")
    assert answer.code == 0, answer.err
    lag, msd = moved(answer.data)
    # Six edges in the end: farther than any shortest copy.
    np.testing.assert_allclose(msd, (lag / 100) ** 2 * (STEP @ STEP), rtol=1e-6)
    assert ("states neither image flags" in answer.err) == (columns == "x y z")
    ids = [
        int(row["id"]) for row in csv.DictReader((tmp_path / "a-displacements.csv").read_text().splitlines())
    ]
    assert ids == [7 * i + 5 for i in range(N)]
    assert {mover["id"] for mover in answer.data["displacements"]["largest_movers"]} <= set(ids)


def test_a_hair_outside_a_box_round_the_origin(glasscli, tmp_path):
    write_xyz(tmp_path / "a.xyz")
    answer = glasscli("analyze", "a.xyz", "--measure", "displacements", "--json")
    assert answer.code == 0, answer.err
    lag, msd = moved(answer.data)
    # The hair itself is of the size of a thousandth.
    np.testing.assert_allclose(msd, lag**2 * (STEP @ STEP), rtol=0.02)


def test_local_energies_name_the_atoms_of_the_file(glasscli, tmp_path):
    with (tmp_path / "a.dump").open("w") as file:
        file.write("ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n32\nITEM: BOX BOUNDS pp pp pp\n")
        file.write("0 4\n" * 3 + "ITEM: ATOMS id type x y z\n")
        cells = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
        shaken = np.random.default_rng(2).normal(0, 0.05, (8, 4, 3))
        sites = [
            (c + cell) * 2 + shaken[m, k]
            for m, c in enumerate(np.ndindex(2, 2, 2))
            for k, cell in enumerate(cells)
        ]
        file.writelines(f"{1000 - i} 1 {x} {y} {z}\n" for i, (x, y, z) in enumerate(sites))
    answer = glasscli("analyze", "a.dump", "--system", "wahnstrom", "--measure", "local-energy", "--json")
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader((tmp_path / "a-local-energy.csv").read_text().splitlines()))
    assert [int(row["id"]) for row in rows] == list(range(969, 1001))

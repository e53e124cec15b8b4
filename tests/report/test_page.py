"""Analyze, render and report as a user meets them."""

import json
import re
import shutil

import numpy as np
import pytest

ONE = (
    "ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{n}\nITEM: BOX BOUNDS pp pp pp\n{bounds}"
    "ITEM: ATOMS id type x y z\n"
)


def write(path, n=7, species=1, edges=(2.2, 2.2), seed=0):
    """A dump of random atoms; one frame an edge."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 3))
    with path.open("w") as file:
        for k, edge in enumerate(edges):
            file.write(ONE.format(step=k, n=n, bounds=f"0 {edge}\n" * 3))
            for i, (a, b, c) in enumerate(np.mod(x + 0.01 * k, 1) * edge):
                file.write(f"{i + 1} {1 + i % species} {a} {b} {c}\n")
    return path


@pytest.fixture
def anneal(runs, tmp_path):
    return shutil.copy(runs / "anneal.h5", tmp_path / "anneal.h5")


def test_all_measures_and_only_what_is_missing(glasscli, anneal, tmp_path):
    first = glasscli("analyze", anneal, "--measure", "all", "--json")
    assert first.code == 0, first.err
    data = first.data
    assert {
        "file",
        "frames",
        "icosahedral_fraction",
        "inherent_energy",
        "pressure",
        "max_force",
        "figures",
    } <= set(data)
    assert {"topology", "icosahedra", "pdf", "structure-factor", "displacements", "relaxation", "R"} <= set(
        data
    )
    row = data["topology"]["frames"][-1]
    assert row["bonds"] == sum(row["bond_order"].values()) == row["modified"]["bonds"] + sum(row["excluded"])
    assert data["pdf"]["partials"].keys() == {"L-L", "L-S", "S-S"}
    assert data["icosahedra"]["fraction"] == data["icosahedral_fraction"]["last"]
    import sqlite3

    with sqlite3.connect(tmp_path / "anneal-analysis.db") as base:
        count = "SELECT count(*) FROM rows WHERE measure='topology'"
        assert base.execute(count).fetchone()[0] == data["frames"]
        # A result that is gone is made again, one that is there is believed.
        first = "(SELECT min(frame) FROM rows WHERE measure='topology')"
        base.execute(f"DELETE FROM rows WHERE measure='topology' AND frame={first}")
    again = glasscli("analyze", anneal, "--measure", "all", "--json")
    assert again.data["topology"] == data["topology"]


def test_a_damaged_store_of_results_is_made_anew(glasscli, anneal, tmp_path):
    (tmp_path / "anneal-analysis.db").write_bytes(b"not a database" * 100)
    assert glasscli("analyze", anneal, "--measure", "topology").code == 0


def test_report_is_one_page_without_a_network(glasscli, anneal, tmp_path):
    other = shutil.copy(anneal, tmp_path / "second.h5")
    answer = glasscli("report", anneal, other, "-o", "page.html", "--json")
    assert answer.code == 0, answer.err
    page = (tmp_path / "page.html").read_text()
    sources = re.findall(r'src="([^"]+)"', page)
    assert len(sources) >= 15 and all(s.startswith("data:image/") for s in sources)
    assert "http://" not in page and "https://" not in page
    for link in re.findall(r'href="([^"]+)"', page):
        assert (tmp_path / link).stat().st_size > 0
    assert "errors over samples" in page and "glasscli anneal" in page
    json.dumps(answer.data, allow_nan=False)


def test_a_report_begins_with_the_sample_and_draws_what_was_measured(glasscli, anneal, tmp_path):
    answer = glasscli("report", anneal, "--measure", "pdf", "--jobs", 1, "--json")
    assert answer.code == 0, answer.err
    page = (tmp_path / "anneal-report.html").read_text()
    body = page[page.index("<section>") :]
    sentence = body.index("Anneal of 500 atoms of wahnstrom at T = ")
    assert sentence < body.index("<table>") and "Nosé-Hoover chains at constant volume" in body
    for said in (
        "composition",
        "volume per atom (σ³)",
        "T/T_f",
        "thermostat",
        "seed",
        "LAMMPS",
        "made of quench.h5",
    ):
        assert said in body
    assert (
        len(re.findall(r"<img ", page)) == 1
        and "Laves" not in page
        and "icosahedra" not in answer.data["figures"]
    )


def test_what_shows_nothing_is_left_out_with_its_reason(glasscli, tmp_path):
    """Two frames of a crystal: no atom moved, no icosahedron, no temperature."""
    made = glasscli("build", "fcc", "--system", "wahnstrom", "--atoms", "256", "-o", "a.dump")
    assert made.code == 0, made.err
    text = (tmp_path / "a.dump").read_text()
    (tmp_path / "a.dump").write_text(text + text.replace("ITEM: TIMESTEP\n0", "ITEM: TIMESTEP\n100"))
    answer = glasscli(
        "report",
        "a.dump",
        "--system",
        "wahnstrom",
        "--json",
        "--measure",
        "displacements,relaxation,icosahedra",
    )
    assert answer.code == 0, answer.err
    for said in (
        "no map of displacements",
        "no energy against the icosahedral fraction",
        "no picture of icosahedra",
    ):
        assert any(said in note for note in answer.data["notes"]), answer.data["notes"]
    assert "no map of displacements" in (tmp_path / "a-report.html").read_text()


@pytest.mark.parametrize("view", ["species", "network", "surface", "displacements", "energy"])
def test_render_without_vulkan(glasscli, anneal, tmp_path, view):
    answer = glasscli(
        "render", anneal, "--view", view, "-o", "a.png", "--renderer", "matplotlib", "--width", "400"
    )
    assert answer.code == 0, answer.err
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


def test_animation(glasscli, anneal, tmp_path):
    words = ["render", anneal, "-o", "a.gif", "--renderer", "matplotlib", "--width", "200"]
    assert glasscli(*words).code == 0
    assert (tmp_path / "a.gif").read_bytes()[:4] == b"GIF8"


@pytest.mark.parametrize(("species", "edges"), [(1, (2.2, 2.2)), (2, (2.2, 2.3)), (2, (2.2,))])
def test_seven_atoms_of_one_or_two_species_in_boxes_that_change(glasscli, tmp_path, species, edges):
    write(tmp_path / "few.dump", species=species, edges=edges)
    answer = glasscli("analyze", "few.dump", "--measure", "all", "--json")
    if answer.code:
        assert len(answer.err.splitlines()) == 1 and "unexpected" not in answer.err
    else:
        assert answer.data["frames"] == len(edges)


def test_moving_frames_of_a_box_that_changes(glasscli, runs, tmp_path):
    """A constant-pressure run without inherent structures: measured with its heat, and that is said."""
    words = ["--from", "final", "--T", "0.5", "--ensemble", "npt", "--steps", "600", "--every", "200"]
    made = glasscli("anneal", runs / "quench.h5", *words, "--inherent-every", "0", "-o", "npt.h5")
    assert made.code == 0, made.err
    answer = glasscli("analyze", "npt.h5", "--measure", "pdf,structure-factor", "--json")
    assert answer.code == 0, answer.err
    assert "moving frames were measured" in answer.err and "the box changes" in answer.err
    data = answer.data
    assert data["frames"] == 4 and data["max_force"] > 1
    g = np.array(data["pdf"]["total"])
    assert g[-20:].mean() == pytest.approx(1, abs=0.05)


def test_a_measure_without_its_radii_is_left_out_and_the_rest_is_measured(glasscli, tmp_path):
    write(tmp_path / "three.dump", n=60, species=3, edges=(4.0, 4.0))
    answer = glasscli("analyze", "three.dump", "--measure", "all", "--json")
    assert answer.code == 0, answer.err
    assert "no topology: the bond network of 3 species needs --radii" in answer.err
    assert "no radical tessellation: the bond network of 3 species" in answer.err
    data = answer.data
    assert data["topology"] == {} and len(data["icosahedra"]["definitions"]) == 5
    assert data["pdf"]["total"] and data["structure-factor"]["total"]
    answer = glasscli("report", "three.dump", "--json")
    assert answer.code == 0, answer.err
    assert "Pair distribution functions" in (tmp_path / "three-report.html").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["analyze", "few.dump", "--measure", "topologi"], "did you mean 'topology'"),
        (["analyze", "few.dump", "--q-range", "6,5"], "ascend"),
        (["analyze", "few.dump", "--follow"], "is not one"),
        (["analyze", "three.dump", "--measure", "topology"], "3 species needs --radii"),
        (["analyze", "three.dump", "--system", "wahnstrom"], "3 species, wahnstrom only 2"),
        (["render", "few.dump", "--frame", "9"], "not a frame 9"),
        (["render", "few.dump", "-o", "a.jpeg2"], "pictures end in"),
        (["render", "few.dump", "--view", "energy"], "--system"),
    ],
)
def test_bad_wishes_are_one_line(glasscli, tmp_path, words, said):
    write(tmp_path / "few.dump")
    write(tmp_path / "three.dump", species=3)
    answer = glasscli(*words)
    assert answer.code == 2 and said in answer.err and len(answer.err.splitlines()) == 1


def test_list_explains_every_measure(glasscli):
    assert set(glasscli("analyze", "--list", "--json").data["measures"]) >= {
        "topology",
        "ttt",
        "local-energy",
    }

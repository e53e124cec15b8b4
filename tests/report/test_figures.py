import re

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import FileError, GlassError, InputError
from glasscli.observables import fictive
from glasscli.observables.pair_distribution import average, pair_distribution
from glasscli.observables.relaxation import fit_line
from glasscli.observables.voronoi import census, index_counts, tessellate
from glasscli.report import displacement_figure, fictive_figure, figures
from glasscli.report.canvas import with_error
from glasscli.report.palette import BLACK
from glasscli.report.projection import box_edges, framed, view
from glasscli.units import UNIT_SYSTEMS, WITHOUT_SYSTEM
from tests.lattices import c15, gas
from tests.observables.test_fictive import quench

TIME = np.arange(0, 30000, 1000)
ICO = np.linspace(0.1, 0.2, 30) + 0.004 * np.sin(TIME)
ENERGY = -6.9 - 1.6 * ICO
LJ, METAL = UNIT_SYSTEMS["lj"], UNIT_SYSTEMS["metal"]
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


def draw(name, path, units=LJ, **options):
    sample = gas([40, 40], [5.0] * 3)
    match name:
        case "series":
            return figures.energy_and_icosahedra(
                path, TIME, ENERGY, ICO, shares={"Cu atoms": 2 * ICO}, units=units, **options
            )
        case "line":
            fit = fit_line(ICO, ENERGY)
            return figures.energy_against_icosahedra(
                path, ICO, ENERGY, fit, time=TIME, units=units, **options
            )
        case "pdf":
            mean = average([pair_distribution(gas([40, 40], [5.0] * 3, seed=s)) for s in range(3)])
            return figures.pair_distributions(
                path, mean, names={1: "large", 2: "small"}, units=units, **options
            )
        case "map":
            return displacement_figure.displacement_map(
                path, sample, 0.3 * np.ones((80, 3)), units=units, **options
            )
        case "fictive":
            t, series = quench(noise=0.01)
            return fictive_figure.fictive_temperature(
                path, t, series, fictive.fictive_temperature(t, series), units=units, **options
            )
    raise AssertionError(name)


NAMES = {
    "series": ["E_{IS}", "(ε)", "icosahedral fraction", "of Cu atoms", "MD steps"],
    "line": ["(ε)", "icosahedral fraction", "slope −1.6", "MD steps"],
    "pdf": ["(σ)", "large-small", "g(r)"],
    "map": ["displacement (σ)"],
    "fictive": ["temperature (ε/k)", "pressure (ε/σ³)", "minus the glass line (ε)", "crossing 0.5"],
}


def words(svg):
    """The text of an SVG, with mathtext's pieces joined."""
    text = svg.read_text(encoding="utf-8")
    return "".join(re.findall(r">([^<>]+)<", text)).replace("\n", "") + " ".join(
        re.findall(r"<!--(.*?)-->", text)
    )


@pytest.mark.parametrize("format", ["png", "pdf", "svg"])
def test_formats(tmp_path, format):
    path = draw("series", tmp_path / "figure", format=format)
    assert path == tmp_path / f"figure.{format}"
    assert path.read_bytes()[:5].startswith(MAGIC[format])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_axes_say_what_they_show_with_units(tmp_path, name):
    path = draw(name, tmp_path / "figure.svg")
    text = words(path)
    for expected in NAMES[name]:
        assert expected.replace(" ", "") in text.replace(" ", ""), text
    assert "eV" not in text
    metal = words(draw(name, tmp_path / "metal.svg", units=METAL))
    assert any(unit in metal for unit in ("eV", "Å")), metal
    nameless = words(draw(name, tmp_path / "nameless.svg", units=WITHOUT_SYSTEM))
    assert not any(unit in nameless for unit in ("ε", "σ", "eV", "Å")), nameless


def test_census_names_the_icosahedron(tmp_path):
    laves = c15()
    rows = census([index_counts(tessellate(laves), laves.species)])
    text = words(figures.voronoi_census(tmp_path / "census.svg", rows, names={1: "large", 2: "small"}))
    assert "0,0,12,0" in text and "of small atoms" in text and "share of atoms (%)" in text
    with pytest.raises(InputError, match="empty"):
        figures.voronoi_census(tmp_path / "none.png", [], {})


def test_numbers_that_are_missing_do_not_stop_a_figure(tmp_path):
    gaps = np.where(TIME == 5000, np.nan, ENERGY)
    figures.energy_and_icosahedra(tmp_path / "gaps.png", TIME, gaps, ICO, log_time=True, units=LJ)
    figures.energy_against_icosahedra(
        tmp_path / "point.png", [0.1], [-7.0], fit_line([0.1], [-7.0]), units=LJ
    )
    one = pair_distribution(gas([50], [5.0] * 3))
    figures.pair_distributions(tmp_path / "one.png", one, {}, LJ)
    displacement_figure.displacement_map(
        tmp_path / "big.png", gas([2000], [12.0] * 3), np.zeros((2000, 3)), units=LJ
    )
    assert len(list(tmp_path.iterdir())) == 4


def test_bad_requests_are_one_line(tmp_path):
    with pytest.raises(InputError, match=r"'pgn' \(did you mean 'png'"):
        draw("series", tmp_path / "a", format="pgn")
    with pytest.raises(InputError, match="3 displacements do not fit 80 atoms"):
        displacement_figure.displacement_map(tmp_path / "a", gas([80], [5.0] * 3), np.zeros((3, 3)), units=LJ)
    with pytest.raises(FileError, match="cannot be written"):
        draw("series", tmp_path / "no" / "folder.png")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [(-1.6321, 0.0432, "−1.632 ± 0.043"), (0.56, None, "0.56"), (1234.5, 21.0, "1234 ± 21"), (2.0, 0.0, "2")],
)
def test_digits_follow_the_error(value, error, text):
    assert with_error(value, error) == text


def test_boxes_of_any_shape_are_drawn(tmp_path):
    """Twelve edges of a tilted box; free space has a frame round its atoms wherever they are."""
    from matplotlib.figure import Figure

    tilted = Box(np.array([[4.0, 0, 0], [1.7, 5.0, 0], [-3.1, 2.3, 6.0]]))
    axes = Figure().subplots()
    corners = box_edges(axes, tilted, view(24.0, 14.0))
    assert len(axes.lines) == 12 and corners == pytest.approx(tilted.corners @ view(24.0, 14.0))
    atoms = np.random.default_rng(1).uniform(0, 4, (20, 3)) - 70.0
    for periodic in ((True, True, False), (False, False, False)):
        box, shift = framed(Box([4.0, 5.0, 6.0], periodic), atoms)
        free = ~np.array(periodic)
        inside = (atoms + shift)[:, free]
        assert (inside > 0).all() and (inside < box.lengths[free]).all() and not shift[~free].any()
    assert framed(tilted, atoms)[0] is tilted
    species = np.ones(20, np.int32)
    cluster = Configuration(atoms, species, Box([1.0, 1.0, 1.0], (False,) * 3))
    displacement_figure.displacement_map(tmp_path / "d.png", cluster, np.ones((20, 3)), units=LJ)


def test_styles_are_light_dark_or_a_file_that_runs_nothing(tmp_path):
    """The ground is the sheet's; a file of the user's own stands on top, what would start programs does not."""
    from matplotlib import image, rcParams

    from glasscli.report.canvas import drawing
    from glasscli.report.style import INK, PAPER, choose, styled

    def ground(name):
        with drawing(tmp_path / name, "png", 2, 2) as (figure, target):
            axes = figure.subplots()
            (line,) = axes.plot([0, 1], [0, 1], color=BLACK)
        return image.imread(target)[0, 0, :3], line.get_color()

    try:
        assert np.allclose(ground("light.png")[0], 1)
        choose("dark")
        pixel, ink = ground("dark.png")
        assert np.allclose(pixel * 255, [int(PAPER[k : k + 2], 16) for k in (1, 3, 5)], atol=1) and ink == INK
        own = tmp_path / "own.mplstyle"
        own.write_text("font.size: 13\ntext.usetex: True\nfigure.facecolor: FFEECC\n")
        choose(str(own))
        with styled():
            assert rcParams["font.size"] == 13 and not rcParams["text.usetex"]
        assert np.allclose(ground("own.png")[0], [1, 0xEE / 255, 0xCC / 255], atol=0.01)
        for wrong, said in (("drak", "did you mean 'dark'"), ("no/such.mplstyle", "no such style file")):
            with pytest.raises(GlassError, match=said):
                choose(wrong)
        own.write_text("<html>")
        with pytest.raises(GlassError, match="no style of matplotlib"):
            choose(str(own))
    finally:
        choose(None)


def test_maps_of_displacements_end_where_the_papers_do_in_any_unit():
    """1.25 σ in the paper, whose spacing is 0.92 σ; in silicon of 2.7 Å as many spacings, a round number."""
    assert displacement_figure.red_end(0.9154, LJ) == 1.25
    assert displacement_figure.red_end(2.71, METAL) == 3.5
    assert displacement_figure.red_end(0.271, WITHOUT_SYSTEM) == pytest.approx(0.35)


def test_colours_of_numbers_are_told_apart_in_grey():
    from glasscli.report.palette import colour_map

    luminance = colour_map()(np.linspace(0, 1, 64))[:, :3] @ (0.299, 0.587, 0.114)
    assert (np.diff(luminance) < 0.003).all() and luminance[0] - luminance[-1] > 0.5

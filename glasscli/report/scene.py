"""Pictures of atoms: what is to be seen as one value, drawn by OVITO where Vulkan is there, else by matplotlib."""

from __future__ import annotations

import ctypes.util
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Floats
from glasscli.errors import FileError
from glasscli.report.palette import colour_map
from glasscli.report.projection import RAISE, TURN, eye, framed
from glasscli.store.files import replacing

BETTER = (
    "drawn by matplotlib; for OVITO's renderer install Vulkan "
    "(Debian: apt-get install libvulkan1 mesa-vulkan-drivers)"
)


@dataclass(frozen=True)
class Bar:
    """Numbers from low to high that the colours of `colour_map` stand for, and what they are, with the unit."""

    low: float
    high: float
    label: str
    extend: str = "both"


@dataclass(frozen=True)
class Scene:
    """What is to be seen in a box from the origin.

    positions [n, 3], colours [n, 3] of 0 to 1, radii [n]: atoms
    starts, vectors [m, 3], line_colours [m, 3], width: sticks, or arrows when `arrows`
    triangles [k, 3, 3]: a translucent surface
    legend    {words: colour}; title; bar: of colours that stand for numbers
    """

    box: Box
    positions: Floats
    colours: Floats
    radii: Floats
    starts: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    vectors: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    line_colours: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    width: float = 0.1
    arrows: bool = False
    triangles: Floats = field(default_factory=lambda: np.zeros((0, 3, 3)))
    legend: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    bar: Bar | None = None


def has_vulkan() -> bool:
    """Whether OVITO can render here."""
    return ctypes.util.find_library("vulkan") is not None


def draw(scene: Scene, path: Path, width: int = 1200, renderer: str = "auto") -> list[str]:
    """Write a PNG (with matplotlib also PDF or SVG) of `width` pixels; return notes for people.

    renderer: "ovito", "matplotlib" or "auto". Raises FileError when the file cannot be written.
    """
    box, shift = framed(scene.box, scene.positions)
    if shift.any():
        scene = replace(
            scene, box=box, positions=scene.positions + shift, starts=scene.starts + shift,
            triangles=scene.triangles + shift,
        )  # fmt: skip
    notes: list[str] = []
    flat = path.suffix.lower() in (".pdf", ".svg")
    use_ovito = renderer == "ovito" or (renderer == "auto" and has_vulkan() and not flat)
    image: NDArray[np.uint8] | None = None
    if use_ovito:
        try:
            image = _by_ovito(scene, width)
        except RuntimeError as error:
            if renderer == "ovito":
                raise FileError(f"OVITO cannot render here: {' '.join(str(error).split())}") from error
    if image is None and renderer == "auto" and not flat:
        notes.append(BETTER)
    _on_paper(scene, path, width, image)
    return notes


def _on_paper(scene: Scene, path: Path, width: int, image: NDArray[np.uint8] | None) -> None:
    """Put the picture, a legend and a title on a page and save it whole or not at all."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from glasscli.report.style import legible, styled

    size = 4.4  # inches: words are as large in the picture as in the figures beside it
    columns = _columns(scene.legend) if scene.legend else 1
    below = 0.25 + 0.2 * max(1, -(-len(scene.legend) // columns))
    with styled():
        figure = Figure(figsize=(size, size + below), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        axes.axis("off")
        if image is None:
            _by_matplotlib(scene, axes)
        else:
            axes.imshow(image, interpolation="lanczos")
        if scene.title:
            axes.set_title(scene.title)
        if scene.bar:
            from matplotlib.cm import ScalarMappable
            from matplotlib.colors import Normalize

            colours = ScalarMappable(Normalize(scene.bar.low, scene.bar.high), colour_map())
            bar = figure.colorbar(
                colours, ax=axes, location="bottom", shrink=0.7, aspect=32, pad=0.02, extend=scene.bar.extend
            )
            bar.set_label(scene.bar.label)
            bar.outline.set_linewidth(0.5)
        if scene.legend:
            handles = [
                Line2D([], [], linestyle="", marker="o", markersize=6, color=colour, label=words)
                for words, colour in scene.legend.items()
            ]
            figure.legend(handles=handles, loc="outside lower center", ncols=columns)
        form = path.suffix[1:].lower() or "png"
        try:
            with replacing(path) as scratch:
                legible(figure)
                figure.savefig(scratch, format=form, dpi=width / size)
        except OSError as error:
            raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error


def _columns(legend: dict[str, Any]) -> int:
    """How many of the legend's words fit beside each other."""
    return max(1, min(6, len(legend), 56 // (5 + max(map(len, legend)))))


def _by_ovito(scene: Scene, width: int) -> NDArray[np.uint8]:
    from glasscli.formats.ovito import require_ovito

    require_ovito()
    from ovito.data import DataCollection, Lines, Particles, SimulationCell, SurfaceMesh, Vectors
    from ovito.pipeline import Pipeline, StaticSource
    from ovito.vis import LinesVis, SurfaceMeshVis, VectorVis, Viewport

    data = DataCollection()
    cell: Any = SimulationCell(pbc=scene.box.periodic)
    cell[:, :3] = scene.box.vectors.T
    cell.vis.line_width = 0.004 * scene.box.length
    cell.vis.rendering_color = (0.35, 0.35, 0.35)
    data.objects.append(cell)
    particles: Any = Particles(count=len(scene.positions))
    particles.create_property("Position", data=scene.positions)
    particles.create_property("Color", data=scene.colours)
    particles.create_property("Radius", data=scene.radii)
    data.objects.append(particles)
    if len(scene.vectors) and scene.arrows:
        arrows: Any = Vectors(count=len(scene.vectors), vis=VectorVis(width=scene.width))
        arrows.create_property("Position", data=scene.starts)
        arrows.create_property("Direction", data=scene.vectors)
        arrows.create_property("Color", data=scene.line_colours)
        data.objects.append(arrows)
    elif len(scene.vectors):
        sticks: Any = Lines(vis=LinesVis(width=scene.width, wrapped_lines=False))
        ends = np.stack([scene.starts, scene.starts + scene.vectors], axis=1).reshape(-1, 3)
        sticks.create_property("Position", data=ends)
        sticks.create_property("Section", data=np.repeat(np.arange(len(scene.vectors)), 2))
        sticks.create_property("Color", data=np.repeat(scene.line_colours, 2, axis=0))
        data.objects.append(sticks)
    if len(scene.triangles):
        mesh: Any = SurfaceMesh(
            vis=SurfaceMeshVis(surface_transparency=0.55, surface_color=(0.45, 0.65, 0.9))
        )
        mesh.create_vertices(scene.triangles.reshape(-1, 3))
        mesh.create_faces(np.arange(3 * len(scene.triangles)).reshape(-1, 3))
        data.objects.append(mesh)
    pipeline: Any = Pipeline(source=StaticSource(data=data))
    pipeline.add_to_scene()
    try:
        viewport: Any = Viewport(type=Viewport.Type.Ortho)
        turn, up = np.radians(TURN), np.radians(RAISE)
        viewport.camera_dir = (-np.sin(turn) * np.cos(up), np.cos(turn) * np.cos(up), -np.sin(up))
        if scene.box.dimension == 2:
            viewport.camera_dir, viewport.camera_up = (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)
        viewport.zoom_all(size=(width, width))
        picture: Any = viewport.render_image(size=(width, width), background=(1, 1, 1))
    finally:
        pipeline.remove_from_scene()
    picture = picture.convertToFormat(picture.Format.Format_RGB888)
    raw = np.frombuffer(picture.constBits(), dtype=np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return np.array(raw[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3))


def _by_matplotlib(scene: Scene, axes: Any) -> None:
    """A projection without perspective; what is farther is paler and lies below."""
    from matplotlib.collections import LineCollection, PolyCollection

    from glasscli.report.projection import box_edges, mark_axes

    seen = eye(scene.box)
    depth_axis = np.cross(seen[:, 0], seen[:, 1])  # towards the viewer
    corners = box_edges(axes, scene.box, seen)
    tripod = mark_axes(axes, scene.box, seen)
    everything = np.concatenate([corners, tripod])
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = 0.03 * float((high - low).max())
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    axes.set_aspect("equal")
    points_per_length = 4.0 * 72 / float((high - low).max() + 2 * margin)
    depths = scene.box.corners @ depth_axis if scene.box.dimension == 3 else np.array([-1.0, 0.0])
    near, far = float(depths.max()), float(depths.min())

    def faded(colours: Floats, depth: Floats) -> Floats:
        share = np.clip((near - depth) / (near - far), 0, 1)[:, None] * 0.55
        return np.asarray(colours * (1 - share) + share)

    if len(scene.triangles):
        order = np.argsort(scene.triangles.mean(axis=1) @ depth_axis)
        axes.add_collection(
            PolyCollection(
                list(scene.triangles[order] @ seen),
                facecolor=(0.45, 0.65, 0.9, 0.16),
                edgecolor="none",
                zorder=2,
            )
        )
    if len(scene.vectors):
        middle = (scene.starts + scene.vectors / 2) @ depth_axis
        order = np.argsort(middle)
        starts, vectors, colours = scene.starts[order], scene.vectors[order], scene.line_colours[order]
        shade = faded(colours, middle[order])
        if scene.arrows:
            base, arrow = starts @ seen, vectors @ seen
            axes.quiver(
                *base.T, *arrow.T, color=shade, angles="xy", scale_units="xy", scale=1, units="xy",
                width=scene.width, minlength=0.3, headwidth=3, headlength=3.6, headaxislength=3.2, zorder=4,
            )  # fmt: skip
        else:
            ends = np.stack([starts @ seen, (starts + vectors) @ seen], axis=1)
            axes.add_collection(
                LineCollection(
                    list(ends), colors=shade, linewidths=0.7 * scene.width * points_per_length, zorder=2.5
                )
            )
    if len(scene.positions):
        depth = scene.positions @ depth_axis
        order = np.argsort(depth)
        area = (2 * scene.radii[order] * points_per_length) ** 2
        shade = faded(scene.colours[order], depth[order])
        axes.scatter(
            *(scene.positions[order] @ seen).T, s=area, c=shade, edgecolors=0.55 * shade, linewidths=0.4, zorder=3,
        )  # fmt: skip

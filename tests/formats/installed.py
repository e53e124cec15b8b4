"""Metadata as an installation of this tree leaves them, for processes that look for its entry points."""

import tomllib

from tests.conftest import ROOT


def metadata(folder):
    """`folder`, made, with what belongs on the path of such a process."""
    place = folder / "glasscli_trial-0.dist-info"
    place.mkdir(parents=True)
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    lines = [
        line
        for group, points in groups.items()
        for line in (f"[{group}]", *(f"{k} = {v}" for k, v in points.items()))
    ]
    (place / "entry_points.txt").write_text("\n".join(lines) + "\n")
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: glasscli-trial\nVersion: 0\n")
    return folder

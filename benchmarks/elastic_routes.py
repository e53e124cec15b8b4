"""The shear modulus of a glass by three routes: Born and non-affine parts by the Hessian, finite strains, fluctuations.

    glasscli anneal GLASS.h5 --T 0.002 --from final --ensemble langevin --stress-every 5 --forces own -o RUN.h5
    python benchmarks/elastic_routes.py RUN.h5 [GLASS.h5 ...]

Of a run that noted its stress all three, of the minimum below its last frame; of any other the first two, of its last
inherent structure. Rows are kept in results/elastic_routes.json.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from common import Kept

from glasscli.analysis.measures.elasticity import of_run
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.modes.elastic_tensor import from_hessian, from_strains
from glasscli.modes.hessian import Curvature
from glasscli.modes.minimum import settle
from glasscli.store.reader import open_run


def main() -> None:
    """Print and keep a row a file."""
    kept = Kept("elastic_routes")
    for path in map(Path, sys.argv[1:]):
        run = open_run(path)
        system, noted = run.manifest.system, len(run.stress["step"]) > 0
        start = run.frames[-1] if noted else run.inherent_or_frames()[-1]
        with Minimiser(system) as minimiser, Forces(system) as forces:
            if noted:
                start = minimiser.minimise(start).configuration
            curvature = Curvature(forces)
            rest = settle(start, forces, curvature)
            hessian = from_hessian(rest.configuration, rest.hessian, curvature, forces)
            strain = from_strains(rest.configuration, forces)
        row = {
            "file": path.name, "atoms": start.n_atoms, "system": system.name,
            "G": {"hessian": hessian.voigt[1], "strain": strain.voigt[1]},
            "B": {"hessian": hessian.voigt[0], "strain": strain.voigt[0]},
            "born": replace(hessian, C=hessian.born).voigt[1], "C_apart": float(np.abs(hessian.C - strain.C).max()),
        }  # fmt: skip
        if noted:
            found, frames = of_run(run)
            row |= {
                "T": run.manifest.protocol.constant_temperature,
                "values": len(run.stress["step"]),
                "frames": frames,
            }
            row["G"] |= {"fluctuations": found.shear, "error": found.shear_error, "halves": found.halves}
            row["B"] |= {"fluctuations": found.bulk, "error": found.bulk_error}
        kept.rows[:] = [one for one in kept.rows if one["file"] != row["file"]]
        kept.add(row)
        print(row)


if __name__ == "__main__":
    main()

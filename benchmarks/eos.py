"""How long do the equations of state of all phases take, and what are they?

`glasscli eos` of every phase with the fixed-volume mixture, as a whole process on one core, repeated; numbers beside
the machine. The limit is 30 s for the default system.

    python benchmarks/eos.py [--system wahnstrom] [--repeat 3]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import time

from common import GLASSCLI, RESULTS, machine

MIXTURE = ["--mix", "c15,hcp-large", "--composition", "0.5"]
LIMIT = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--system", default="wahnstrom")
    parser.add_argument("--repeat", type=int, default=3)
    wish = parser.parse_args()
    # One core: no threads in the linear algebra either.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    rows = []
    for _ in range(wish.repeat):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [*GLASSCLI, "eos", "--system", wish.system, *MIXTURE, "--json"],
            capture_output=True, text=True, env=environment, check=True,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rows.append({"wall_seconds": time.perf_counter() - began, "core_seconds": busy})
        print(f"{rows[-1]['wall_seconds']:.1f} s wall, {busy:.1f} s of one core", flush=True)
    data = json.loads(done.stdout)
    found = {n: {k: p[k] for k in ("volume", "energy", "bulk_modulus")} for n, p in data["phases"].items()}
    result = {"system": wish.system, "runs": rows, "phases": found, "mix": data["mix"], "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"eos-{wish.system}.json").write_text(json.dumps(result, indent=1) + "\n")
    best = min(row["core_seconds"] for row in rows)
    print(
        f"{len(found)} phases in {best:.1f} s of one core (limit {LIMIT:g}); mixture {data['mix']['energy']:.4f}"
    )
    if wish.system == "wahnstrom" and best > LIMIT:
        raise SystemExit("slower than the limit")


if __name__ == "__main__":
    main()

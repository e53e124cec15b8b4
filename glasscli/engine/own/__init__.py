"""Our own forces: compiled sums over pairs for pairwise potentials, alone and inside LAMMPS."""

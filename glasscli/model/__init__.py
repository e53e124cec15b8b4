"""What can be simulated: systems, protocols, quantities. Knows nothing of LAMMPS."""

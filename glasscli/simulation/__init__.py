"""Exchanges of atoms between steps of molecular dynamics: our own fast kernel, and LAMMPS's fix atom/swap."""

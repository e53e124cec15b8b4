"""Runs decks. One narrow contract (`contract.Engine`); LAMMPS as a library in this process."""

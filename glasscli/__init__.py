"""glasscli: quench, anneal and understand computer glasses with LAMMPS and OVITO."""

__version__ = "0.1.0"

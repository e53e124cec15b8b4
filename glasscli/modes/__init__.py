"""Vibrations of inherent structures: Hessians, modes, localisation, soft-potential parameters."""

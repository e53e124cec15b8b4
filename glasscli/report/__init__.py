"""Figures and tables made from measured numbers."""

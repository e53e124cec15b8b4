"""Batch systems: clusters and schedulers as data, scripts as text, submitting as the thin end."""

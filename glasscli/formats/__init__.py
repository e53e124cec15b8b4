"""Configurations and columns as files of other programs, read and written."""

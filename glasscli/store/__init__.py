"""Keeps every step that was paid for: a journal while a run runs, one closed H5MD file when it is done."""

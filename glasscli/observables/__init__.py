"""One measure a file: configurations in, numbers out. Never opens a file, never draws."""

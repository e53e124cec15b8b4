"""A protocol file: stages and grids in TOML, expanded to the tasks that `glasscli run` makes."""

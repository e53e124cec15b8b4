"""A system file with nothing unusual in it, for tests that change one thing."""

PLAIN = """
name = "mine"
units = "lj"
timestep = 0.005
cutoff = 2.5
skin = 0.3
commands = ["pair_style lj/cut 2.5", "pair_coeff 1 1 1.0 1.0"]
[[species]]
name = "A"
mass = 1.0
fraction = 1.0
[defaults]
volume_per_atom = 1.0
T_start = 2.0
T_end = 0.1
[fictive]
glass_below = 0.3
liquid_above = 0.7
"""

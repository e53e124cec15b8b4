"""The papers' models: soft potentials, stability, self-trapping, relaxation kinetics. Arrays in, arrays out.

It knows no simulations, files or command line. What a `theory` command computes as a whole is in `answers`.
"""

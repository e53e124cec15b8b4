"""The papers' models: soft potentials, stability, self-trapping, relaxation kinetics. Arrays in, arrays out."""

"""Free energies by simulation: of crystals and liquids, and what follows from them."""

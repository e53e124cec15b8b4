"""Free energies by simulation: crystals from Einstein crystals, liquids from the ideal gas and the Uhlenbeck-Ford fluid."""

"""The dynamics of liquids: one temperature a file, a ladder of them, and what their relaxation follows."""

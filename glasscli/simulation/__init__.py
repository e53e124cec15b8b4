"""Makes runs: jobs planned, begun, gone on with; the loop and its parts; exchanges and trades between temperatures."""

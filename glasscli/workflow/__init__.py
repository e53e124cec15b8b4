"""Many runs as one list of tasks: derived seeds, records beside the files, a pool of processes."""

"""The protocols. Each file is named like its kind and says `PROTOCOL = ` its class; see docs/extending.md."""

"""`python -m glasscli` is the same as `glasscli`."""

from glasscli.cli import main

main()

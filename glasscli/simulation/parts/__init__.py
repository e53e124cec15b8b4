"""What happens every so many steps of a run, one file a part; `order` puts them together."""

"""Published numbers beside ours: the quick comparisons of `validate`, the figures and tables of `reproduce`."""

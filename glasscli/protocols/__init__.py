"""What can be done to a glass: one file a kind, in `kinds`, found by its being there."""

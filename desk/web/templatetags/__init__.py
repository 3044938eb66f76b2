"""Template tags shared by all screens."""

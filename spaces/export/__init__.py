"""Export: how a network leaves, so that it runs without us."""

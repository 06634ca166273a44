"""Source: one network as the plain PyTorch code that a person would have written for it."""

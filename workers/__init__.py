"""How one candidate is trained: data sets, the training loop, and the engines that run it."""

"""Retraining: a network of a study trained again, for as long as wanted and on as many rows as there are."""

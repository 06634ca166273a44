"""Scores to claims with uncertainty: pure functions on numpy arrays, no training, no storage, no network.

Read in this order: `expected_best` (what is estimated), `jackknife`, `permutation`, `bootstrap` and `holm` (how sure it
is), `exclusion` and `families` (who is excluded, who wins), `fairness` (would it win under another budget), `sentence`
and `document` (what a person and a program are told). Higher scores are better everywhere; `unit` tells them as
values of their metric.
"""

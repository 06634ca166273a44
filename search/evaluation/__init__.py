"""Evaluation of one architecture: it is read, trained from scratch a few times, scored and printed."""

from search.evaluation.evaluation import Evaluation, Failure, evaluate
from search.evaluation.source import read_architecture
from search.evaluation.terminal import print_evaluation

__all__ = ["Evaluation", "Failure", "evaluate", "print_evaluation", "read_architecture"]

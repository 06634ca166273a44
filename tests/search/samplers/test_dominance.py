import numpy as np
import pytest

from search.samplers.dominance import crowding_distances, dominance_ranks, survival_order

STAIRS = np.array([[1.0, 4.0], [2.0, 2.0], [4.0, 1.0]])


def test_a_front_is_what_nothing_dominates():
    """Behind three steps stand three that are worse in both, and behind these one that is worse than all."""
    behind = STAIRS + 1
    assert dominance_ranks(np.vstack([behind, STAIRS, [[9.0, 9.0]]])).tolist() == [1, 1, 1, 0, 0, 0, 2]


def test_equals_do_not_dominate_each_other():
    """And one that is equal in one number and better in the other does."""
    assert dominance_ranks(np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 3.0]])).tolist() == [0, 0, 1]


def test_with_one_number_the_order_is_its_own():
    """Each rank is a value."""
    assert dominance_ranks(np.array([[3.0], [1.0], [2.0], [1.0]])).tolist() == [2, 0, 1, 0]


def test_ranks_are_those_of_pairwise_comparison():
    """On random numbers: each row of a front is dominated by one of the front before and by none of its own."""
    losses = np.random.default_rng(0).integers(0, 8, (80, 3)).astype(float)
    ranks = dominance_ranks(losses)

    def dominated(row, others):
        return any((other <= row).all() and (other < row).any() for other in others)

    for row, rank in zip(losses, ranks, strict=True):
        assert not dominated(row, losses[ranks == rank])
        assert rank == 0 or dominated(row, losses[ranks == rank - 1])


def test_the_ends_of_a_front_are_lonely():
    """In between it is the distance of the neighbours, each number in terms of its range."""
    front = np.array([[0.0, 10.0], [1.0, 9.0], [4.0, 0.0]])
    assert crowding_distances(front) == pytest.approx([np.inf, 4 / 4 + 10 / 10, np.inf])


def test_the_better_front_survives_and_in_it_the_lonely():
    """Of five on a line those at the ends come first, then the one in the larger gap; who is dominated comes last."""
    line = np.array([[0.0, 10.0], [1.0, 9.0], [2.0, 8.0], [6.0, 4.0], [10.0, 0.0], [10.0, 11.0]])
    order = survival_order(line).tolist()
    assert set(order[:2]) == {0, 4}
    assert order[2:] == [3, 2, 1, 5]

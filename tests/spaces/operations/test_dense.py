import torch

from spaces import Grid
from spaces.operations import OPERATIONS
from tests.spaces.operations.references import assert_agree, random_weights


def test_it_is_a_matrix_product():
    """`y_i = sum_j W_ij x_j + b_i`, number by number."""
    layer = random_weights(OPERATIONS["dense"]().build(Grid((), 4), {}))
    weight, bias = layer.weight, layer.bias

    def literal(x):
        rows = [[sum(weight[i, j] * row[j] for j in range(4)) + bias[i] for i in range(4)] for row in x]
        return torch.stack([torch.stack(row) for row in rows])

    assert_agree(layer, literal, torch.randn(3, 4).double(), [weight, bias])


def test_an_activation_follows_it():
    """It is linear itself, so the builder lets the network's activation follow."""
    assert OPERATIONS["dense"].is_linear

"""Every operation passes the contract that a user's own is judged by; a broken one does not."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from spaces import Grid
from spaces.choices import Value
from spaces.contract import OperationContract
from spaces.operations import OPERATIONS, Operation
from tests.contracts.cases import registered

WITHOUT_EFFECT: dict[str, set[str]] = {
    # a number added to all keys adds the same to all products of a query, and the softmax takes it off again
    name: {"key.bias"}
    for name in ("dot_product_attention", "grouped_query_attention", "local_attention", "multi_head_attention")
}

for name in OPERATIONS:
    title = "Test" + "".join(part.capitalize() for part in name.split("_"))
    duties = {"operation": name, "without_effect": WITHOUT_EFFECT.get(name, set()), "__module__": __name__}
    globals()[title] = type(title, (OperationContract,), duties)


class Broken(Operation):
    """Does what its mixer does."""

    family = "homemade"
    ranks = (1,)
    mixer: type[nn.Module]

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        return self.mixer()


class Scale(nn.Module):
    """Multiplies by a number; each broken mixer adds what must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.5))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x


class MixesRows(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x + x.mean(0)


class LosesSteps(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x[:, :-1]


class LooksAhead(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x + x.roll(-1, 1)


class Cuts(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x + x.detach().square()


class Overflows(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x / 0


class Idles(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return x + 0 * self.scale


class Curves(Scale):
    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x.tanh()


class ReadsPadding(Scale):
    """Undoes what the builder does: with a mask of its own it could leave the padding out, and brings it in."""

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return self.scale * x if mask is None else self.scale * x / mask[..., None]


class Forgets(Scale):
    def __init__(self) -> None:
        super().__init__()
        self.drawn = torch.randn(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x * self.drawn.to(x)


@pytest.mark.parametrize(
    ("mixer", "duty", "declared"),
    [
        (MixesRows, "test_it_keeps_the_shape_and_rows_apart", {}),
        (LosesSteps, "test_it_keeps_the_shape_and_rows_apart", {}),
        (LooksAhead, "test_a_causal_one_sees_nothing_that_comes_later", {"is_causal_with": {}}),
        (Cuts, "test_gradients_are_the_slope_of_the_output", {}),
        (Overflows, "test_a_network_with_it_gives_finite_scores_and_gradients", {}),
        (Idles, "test_every_parameter_learns", {}),
        (Curves, "test_one_declared_linear_is", {"is_linear": True}),
        (ReadsPadding, "test_what_stands_in_the_padding_changes_nothing", {"uses_mask": True}),
        (Forgets, "test_a_checkpoint_holds_all_of_it", {}),
        (Scale, "test_it_declares_a_family_and_ranks", {"ranks": (3,)}),
        (Scale, "test_it_is_documented", {}),
    ],
)
def test_a_broken_operation_is_found(mixer: type[nn.Module], duty: str, declared: dict):
    """Each duty of the contract can fail: an operation that breaks it does."""
    broken = type("Homemade", (Broken,), {"mixer": mixer, **declared})
    with registered(homemade=broken):
        contract = type("TestHomemade", (OperationContract,), {"operation": "homemade"})()
        contract.setup_method()
        with pytest.raises((AssertionError, RuntimeError)):
            getattr(contract, duty)()


def test_a_sound_operation_passes_every_duty():
    """The operation from which the broken ones differ in one thing each breaks none."""

    class Sound(Broken):
        """Multiplies by a number."""

        mixer = Scale
        is_linear = True
        is_causal_with: Mapping[str, Value] = {}

    with registered(sound=Sound):
        contract = type("TestSound", (OperationContract,), {"operation": "sound"})()
        for duty in (getattr(contract, duty) for duty in dir(contract) if duty.startswith("test_")):
            contract.setup_method()
            duty()

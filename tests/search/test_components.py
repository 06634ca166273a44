"""Which contrasts a space holds, and the two arms of one."""

from dataclasses import replace

import numpy as np
import pytest

from search.components import Contrast, contrasts_of
from spaces import Grid, SearchSpace, Task
from spaces.cost import parameters
from spaces.operations import OPERATIONS
from tests.contracts.cases import registered

IMAGE = Task(Grid((8, 8), 1), 10)
SPACE = SearchSpace.named("everything").fitted(IMAGE)
RESIDUAL = Contrast("connection", "residual", "plain")


def hosts(family: str, count: int = 20, space: SearchSpace = SPACE):
    rng = np.random.default_rng(0)
    return [space.sample(rng, [family]) for _ in range(count)]


def test_what_people_ask_first_comes_first():
    """One contrast of each component, the usual option against nothing, before a second of any."""
    asked = [(c.component, c.option, c.reference) for c in contrasts_of(SPACE)]
    assert asked[:6] == [
        ("connection", "residual", "plain"),
        ("gate", "squeeze_excitation", "none"),
        ("normalization", "layer", "none"),
        ("initialization", "he", "glorot"),
        ("position", "sinusoidal", "none"),
        ("attention kind", "dot_product_attention", "multi_head_attention"),
    ]
    assert len(asked) == len(set(asked))
    for component, names in (("connection", SPACE.connections), ("gate", SPACE.gates), ("position", SPACE.positions)):
        options = {(option, reference) for asked_of, option, reference in asked if asked_of == component}
        assert {option for option, _ in options} | {reference for _, reference in options} == set(names)
        assert len({reference for _, reference in options}) == 1


def test_the_control_family_has_no_kinds():
    """Whether to pool or to do nothing is no question about a bias."""
    assert "control kind" not in {contrast.component for contrast in contrasts_of(SPACE)}


def test_without_the_usual_reference_the_first_name_is_it():
    """A space may have no plain connection; a single option has nothing to be compared with."""
    space = replace(SPACE, connections=("highway", "residual"), gates=("none",))
    asked = [(c.option, c.reference) for c in contrasts_of(space) if c.component == "connection"]
    assert asked == [("highway", "residual")]
    assert "gate" not in {contrast.component for contrast in contrasts_of(space)}


@pytest.mark.parametrize("family", ["attention", "recurrence"])
def test_an_operation_of_ones_own_is_asked_about_unasked(family: str):
    """It is the first option of its family's kind, in the first round."""

    class Mine(OPERATIONS["identity"]):
        pass

    Mine.family = family
    with registered(mine=Mine):
        space = replace(SPACE, operations=(*SPACE.operations, "mine"))
        (own,) = [contrast for contrast in contrasts_of(space)[:8] if contrast.option == "mine"]
        assert own.component == f"{family} kind"
        assert own.reference in OPERATIONS.installed
        assert any(own.arms(host, space) for host in hosts(family))


@pytest.mark.parametrize("contrast", contrasts_of(SPACE), ids=lambda c: f"{c.option}-{c.reference}")
def test_arms_differ_in_the_component_alone(contrast: Contrast):
    """All choices that both have are the same, but for the component; both are networks of the space."""
    families = SPACE.families if not contrast.component.endswith(" kind") else [contrast.component.split()[0]]
    pairs = [pair for family in families for host in hosts(family, 6) if (pair := contrast.arms(host, SPACE))]
    for option, reference in pairs:
        shared = option.choices.keys() & reference.choices.keys()
        differing = {name for name in shared if option[name] != reference[name]}
        assert {contrast.native(option), contrast.native(reference)} == {contrast.option, contrast.reference}
        assert differing == {name for name in shared if name == contrast.component or name.endswith(".operation")} & (
            differing
        )
        assert differing
        assert option.build(IMAGE)
    assert pairs or contrast.option == "token_mixing" or contrast.component == "wavelet kind"


def test_an_arm_keeps_everything_else_of_its_host():
    """A host that has the reference is its own arm."""
    for host in hosts("convolution"):
        arms = RESIDUAL.arms(host, SPACE)
        assert arms is not None
        assert arms[0].choices == {**host.choices, "connection": "residual"}
        assert (arms[1].fingerprint == host.fingerprint) == (host["connection"] == "plain")


def test_a_swap_of_kinds_needs_a_host_of_the_family():
    """Attention put into a recurrent network is another question."""
    swap = Contrast("attention kind", "local_attention", "multi_head_attention")
    assert swap.arms(hosts("recurrence", 1)[0], SPACE) is None
    assert swap.native(hosts("recurrence", 1)[0]) not in ("local_attention", "multi_head_attention")


def test_what_does_not_apply_has_no_arms():
    """A network that flattens its input has no positions to encode."""
    flattened = next(host for host in hosts("feedforward") if host["stem"] == "flatten")
    assert Contrast("position", "sinusoidal", "none").arms(flattened, SPACE) is None


def test_arms_lie_in_the_band_of_parameters():
    """With a gate a network has more; where no width brings both arms into the band there is no pair."""
    space = replace(SearchSpace.named("everything"), parameters=(10_000, 12_000)).fitted(IMAGE)
    gate = Contrast("gate", "context_gate", "none")
    for host in hosts("convolution", 1, space):
        for arm in gate.arms(host, space) or ():
            assert 10_000 <= parameters(arm, IMAGE) <= 12_000

import io
import itertools
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib
import numpy as np
import pytest
from PIL import ImageFont
from rich.console import Console
from torch import nn

from search.diagram import print_diagram, svg_diagram
from search.diagram.description import Blocks, Layer, describe
from search.diagram.svg import FILLS, GREY, INK, PAPER, USERS_FILL
from spaces import LANDMARKS, Architecture, Grid, SearchSpace, Task, landmark
from spaces.choices import Categorical
from spaces.connections import CONNECTIONS
from spaces.contract import architecture_with
from spaces.cost import parameters
from spaces.operations import OPERATIONS, Operation
from spaces.shapes import Kind
from tests.contracts.cases import registered

IMAGE, SERIES, TOKENS = Task(Grid((8, 8), 1), 10), Task(Grid((20,), 3), 4), Task(Grid((24,), 1), 2, vocabulary=50)
NUMBER = Task(Grid((), 7), 1, kind=Kind.REGRESSION)
NEXT = Task(Grid((24,), 1), 50, vocabulary=50, kind=Kind.NEXT_TOKEN)
TASKS = {
    "image": IMAGE,
    "series": SERIES,
    "tokens": TOKENS,
    "table": Task(Grid((), 7), 3),
    "number": NUMBER,
    "next": NEXT,
}
SVG = "{http://www.w3.org/2000/svg}"
LONG = "w" * 90


def samples() -> list[tuple[Architecture, Task | None]]:
    """Every landmark, and a few networks of three stages for each kind of data and for none."""
    space = replace(SearchSpace.named("everything"), stages=(3, 3))
    rng = np.random.default_rng(0)
    tasks = (*TASKS.values(), None)
    drawn = [(space.fitted(task or IMAGE).sample(rng), task) for task, _ in itertools.product(tasks, range(2))]
    return drawn + [(landmark(name), None) for name in LANDMARKS]


SAMPLES = samples()


class Strange(Operation):
    """An operation of a user whose name and sub-choices are markup, or long."""

    family = "mine & yours"
    ranks = (0, 1, 2)
    choices = {"a<b": Categorical(("</text>", "x")), LONG: Categorical((LONG, "y")), "is_on": Categorical((True,))}

    def build(self, grid, picks):
        """See `Operation.build`."""
        return nn.Identity()


@pytest.fixture(params=['<script>"&', LONG, "the_name " * 12])
def strange(request):
    with registered(**{request.param: Strange}):
        picks = {"a<b": "</text>", LONG: LONG, "is_on": True}
        yield request.param, architecture_with(request.param, picks, 8)


def drawn(architecture: Architecture, task: Task | None = None) -> Element:
    return ElementTree.fromstring(svg_diagram(architecture, task))


def texts(picture: Element) -> list[str]:
    return [element.text for element in picture.iter(f"{SVG}text") if element.text]


def boxes(picture: Element) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of every layer's box; frames of stages are see-through."""
    found = []
    for rect in picture.iter(f"{SVG}rect"):
        if "fill-opacity" not in rect.attrib:
            x, y, width, height = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
    return found


def printed(architecture: Architecture, task: Task | None = None) -> str:
    console = Console(file=io.StringIO(), width=80)
    print_diagram(console, architecture, task)
    return console.file.getvalue()


def labels(architecture: Architecture) -> list[list[str]]:
    """Labels of the boxes of the first stage, branch by branch; `+` is where the connection joins."""
    (stage, *_) = (part for part in describe(architecture).parts if isinstance(part, Blocks))
    return [[x.label for x in branch.layers] + ["+"] + [x.label for x in branch.behind] for branch in stage.branches]


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """WCAG 2.1, contrast ratio."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("task", [IMAGE, None], ids=["task", "none"])
def test_the_order_of_layers(task: Task | None):
    """From the stem to the classifier, as the network computes it; equal blocks are drawn once."""
    parts = describe(landmark("vit", IMAGE), task).parts
    assert [part.label if isinstance(part, Layer) else (part.title, part.count) for part in parts] == [
        "patch stem",
        "learned position code",
        ("stage 1", 2),
        "layer normalization",
        "mean head",
        "classifier",
    ]
    norm = "layer normalization"
    assert labels(landmark("vit", IMAGE)) == [[norm, "multi head attention", "+"], [norm, "channel mixer", "+"]]


@pytest.mark.parametrize(
    ("task", "last", "result"),
    [
        (None, ("classifier",), "class scores"),
        (SERIES, ("classifier", "4 classes"), "class scores"),
        (NUMBER, ("regression", "one number"), "prediction"),
        (replace(NUMBER, outputs=3), ("regression", "3 numbers"), "prediction"),
        (NEXT, ("classifier", "next of 50 tokens"), "token scores"),
    ],
)
def test_the_exit_says_what_is_predicted(task: Task | None, last: tuple[str, ...], result: str):
    """Classes, numbers, or the token that follows each step, for which there is no head; both pictures end with it."""
    architecture = landmark("transformer", task)
    *_, before, layer = describe(architecture, task).layers
    assert (layer.label, *layer.facts) == last
    assert (before.label == "mean head") == (task != NEXT)
    assert printed(architecture, task).splitlines()[-1].strip() == result
    assert result in texts(drawn(architecture, task))


@pytest.mark.parametrize(
    ("connection", "order"),
    [
        ("residual", ["convolution", "cbam", "+", "layer normalization"]),
        ("dense", ["convolution", "cbam", "layer normalization", "+"]),
    ],
)
def test_a_normalization_placed_after(connection: str, order: list[str]):
    """It stands where the network has it: on the sum of a residual connection, on a dense one's new part alone."""
    after = {"normalization": "layer", "normalization_placement": "after", "connection": connection, "gate": "cbam"}
    assert labels(architecture_with("convolution", {"kernel_size": 3, "causal": False}, 8, **after)) == [order]


def test_sub_choices_are_told_in_words():
    """A number with its name, a switch where it is on, the activation behind what is linear, a relative position."""

    def facts(operation: str, picks: dict, **differences) -> tuple[str, ...]:
        (layer, *_) = describe(architecture_with(operation, picks, 8, **differences)).parts[1].layers
        return layer.facts

    assert facts("convolution", {"kernel_size": 3, "causal": True}) == ("kernel size 3", "causal", "gelu")
    assert facts("lstm", {"bidirectional": False}) == ()
    assert facts("multi_head_attention", {"heads": 4}, position="rotary") == ("4 heads", "rotary")


@pytest.mark.parametrize(("architecture", "task"), [case for case in SAMPLES if case[1]])
def test_the_numbers_of_parameters_add_up(architecture: Architecture, task: Task):
    """What the layers and stages are said to hold is what the network holds."""
    description = describe(architecture, task)
    assert sum(part.parameters or 0 for part in description.parts) == parameters(architecture, task)


@pytest.mark.parametrize("name", ["deep_fnn", "lstm", "vit"])
def test_boxes_hold_the_parameters_of_one_block(name: str):
    """As often as there are blocks they make up the stage, where the connection itself has none."""
    for part in describe(landmark(name, IMAGE), IMAGE).parts:
        if isinstance(part, Blocks):
            assert part.count * sum(layer.parameters for layer in part.layers) == part.parameters


def test_grids_stand_on_the_edges():
    """What each change of the grid leads to is told, in order; the last are the features that are classified."""
    told = ["8 × 8 × 1", "4 × 4 × 32", "2 × 2 × 32", "32"]
    assert [text for text in texts(drawn(landmark("resnet", IMAGE), IMAGE)) if text in told] == told
    lines = printed(landmark("resnet", IMAGE), IMAGE).splitlines()
    assert [line.strip(" │") for line in lines if line.strip(" │") in told] == told


def test_without_a_task_no_size_is_told():
    """Neither a grid nor a number of parameters."""
    for text in (" ".join(texts(drawn(landmark("resnet")))), printed(landmark("resnet"))):
        assert "parameters" not in text
        assert "8 ×" not in text


@pytest.mark.parametrize(("architecture", "task"), SAMPLES)
def test_a_picture_is_one_file_that_says_what_it_shows(architecture: Architecture, task: Task | None):
    """One well-formed element that loads nothing, with a title and a description for those who do not see it."""
    source = svg_diagram(architecture, task)
    picture = ElementTree.fromstring(source)
    assert source.startswith("<svg")
    names = [element.tag.removeprefix(SVG) for element in picture.iter()]
    assert set(names) <= {"svg", "title", "desc", "rect", "path", "circle", "text"}
    assert not any("url(" in value or "href" in key for e in picture.iter() for key, value in e.attrib.items())
    title, text = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert picture.get("aria-labelledby") == f"{title.get('id')} {text.get('id')}"
    assert title.text == str(architecture)
    for layer in describe(architecture, task).layers:
        assert layer.label in text.text


@pytest.mark.parametrize(("architecture", "task"), SAMPLES)
def test_both_draw_every_layer(architecture: Architecture, task: Task | None):
    """All labels and facts stand in the picture and on the terminal, as often as there are layers."""
    description = describe(architecture, task)
    on_terminal, in_picture = printed(architecture, task), texts(drawn(architecture, task))
    assert len(boxes(drawn(architecture, task))) == on_terminal.count("╮") == len(list(description.layers))
    for layer in description.layers:
        assert layer.label in on_terminal
        assert layer.label in in_picture
        for fact in layer.facts:
            assert fact in on_terminal
            assert any(fact in text for text in in_picture)


@pytest.mark.parametrize("connection", CONNECTIONS.names())
def test_connections_lead_around_the_layers_they_connect(connection: str):
    """One way around and one join a sub-layer, with the connection's name; none where there is nothing but a chain."""
    picks = {"kernel_size": 3, "causal": False}
    architecture = architecture_with("convolution", picks, 8, connection=connection, expansion=2)
    ways = 0 if connection == "plain" else 2
    picture = drawn(architecture)
    assert len(list(picture.iter(f"{SVG}circle"))) == texts(picture).count(connection) == ways
    on_terminal = printed(architecture)
    assert on_terminal.count("▸⊕") + on_terminal.count("▸○") == on_terminal.count(f" {connection}") == ways


def test_equal_blocks_are_counted():
    """`× 2` stands at a stage of two blocks; a single block has no such mark."""
    assert "× 2" in texts(drawn(landmark("vit")))
    assert "× 2 ┐" in printed(landmark("vit")).replace("─", "")
    assert not any("×" in text for text in texts(drawn(landmark("rnn"))))


def test_names_are_never_markup(strange):
    """A user's operation may be called anything: it arrives as the text it is."""
    name, architecture = strange
    picture = drawn(architecture)
    assert picture.find(f"{SVG}title").text == str(architecture)
    assert name.replace("_", " ")[:20] in " ".join(texts(picture))
    assert any("</text>" in text for text in texts(picture))


def test_text_stays_inside_its_box(strange):
    """Measured in DejaVu Sans Bold, the widest of the usual fonts; long names and facts are broken into lines."""
    cases = [(strange[1], None), *SAMPLES[:10]]
    path = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans-Bold.ttf")
    fonts = {size: ImageFont.truetype(str(path), size) for size in (11, 14)}
    inside = 0
    for picture in (drawn(*case) for case in cases):
        for element in picture.iter(f"{SVG}text"):
            x, baseline, size = (float(element.get(name)) for name in ("x", "y", "font-size"))
            for left, top, right, bottom in boxes(picture):
                if top < baseline < bottom and left < x < right:
                    inside += 1
                    width = fonts[size].getlength(element.text)
                    assert left < x - width / 2
                    assert x + width / 2 < right
                    assert top < baseline - 0.8 * size
                    assert baseline + 0.25 * size < bottom
    assert inside > 100


@pytest.mark.parametrize(("architecture", "task"), SAMPLES)
def test_boxes_stand_one_below_the_other(architecture: Architecture, task: Task | None):
    """No two overlap, and all of them lie in the picture."""
    picture = drawn(architecture, task)
    places = boxes(picture)
    assert all(upper[3] < lower[1] for upper, lower in itertools.pairwise(places))
    _, _, width, height = map(float, picture.get("viewBox").split())
    assert all(left > 0 and top > 0 and right < width and bottom < height for left, top, right, bottom in places)


def test_the_terminal_takes_80_columns_at_most(strange):
    """Whatever operations are called, and however many parameters there are."""
    huge = architecture_with("dense", {}, 4096, expansion=16)
    for architecture, task in [(strange[1], None), (huge, IMAGE), *SAMPLES[:10]]:
        assert max(map(len, printed(architecture, task).splitlines())) <= 80


def test_families_are_told_apart_by_colour():
    """Each family of operations has a colour of its own, a user's another, and so have the parts between."""
    families = {OPERATIONS[name].family for name in OPERATIONS}
    assert families < FILLS.keys()
    assert len({*FILLS.values(), USERS_FILL}) == len(FILLS) + 1
    fills = {rect.get("fill") for rect in drawn(landmark("vit")).iter(f"{SVG}rect")}
    assert FILLS["attention"] in fills
    assert FILLS["convolution"] not in fills


def test_it_is_readable_on_white_and_on_dark_pages():
    """WCAG: 4.5 to 1 for text in boxes, 3 to 1 for lines, captions and boxes' sides, on white and on near-black."""
    for family, fill in {**FILLS, "mine": USERS_FILL}.items():
        assert contrast(fill, INK if family == "between" else PAPER) >= 4.5
    for page in ("#ffffff", "#0d1117"):
        assert contrast(GREY, page) >= 3

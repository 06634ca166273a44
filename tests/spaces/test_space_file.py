import dataclasses
import json
import re

import numpy as np
import pytest

from spaces import Architecture, InvalidInput, SearchSpace
from spaces.built_in import BUILT_IN
from spaces.space_file import load_space

EVERYTHING = SearchSpace.named("everything")


def written(tmp_path, text: str, name: str = "mine.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_space_is_loaded_by_name(name: str):
    """The same as `SearchSpace.named`, and documented."""
    assert load_space(name) == SearchSpace.named(name)
    assert BUILT_IN[name].__doc__.endswith(".")


def test_a_file_changes_what_it_names(tmp_path):
    """Everything else is as in the space it extends."""
    text = """
    extends: recurrent
    operations: [lstm, gru]
    stages: [1, 3]
    widths: [8, 24]
    options:
      lstm.bidirectional: [true]
    parameters: [1000, 50000]
    """
    space = load_space(written(tmp_path, text))
    recurrent = SearchSpace.named("recurrent")
    assert space == dataclasses.replace(
        recurrent,
        operations=("lstm", "gru"),
        stages=(1, 3),
        widths=(8, 24),
        options={"lstm.bidirectional": (True,)},
        parameters=(1000, 50000),
    )


def test_an_empty_mapping_is_everything():
    """Nothing changed, nothing lost."""
    assert load_space({}) == EVERYTHING


def test_json_reads_as_yaml_does(tmp_path):
    """A file of either kind, or the mapping itself."""
    document = {"families": ["attention"], "blocks": [1, 1]}
    expected = dataclasses.replace(EVERYTHING.only(["attention"]), blocks=(1, 1))
    assert load_space(document) == expected
    assert load_space(written(tmp_path, json.dumps(document), "mine.json")) == expected


BAD = {
    "unknown key": ("operation: [lstm]", "unknown key 'operation': expected some of .* (did you mean 'operations'?)"),
    "unknown operation": ("operations: [lstmm]", "unknown operation 'lstmm': .* (did you mean 'lstm'?)"),
    "unknown family": ("families: [recurrent]", "unknown family 'recurrent': expected one of attention"),
    "unknown space": ("extends: nothing", "unknown space 'nothing': expected one of everything"),
    "no list": ("widths: 16", "widths: found 16, expected a list such as [16, 32]"),
    "empty list": ("heads: []", "heads: found none, expected at least one"),
    "twice": ("widths: [16, 16]", "widths: found 16, 16, expected each once"),
    "turned range": ("stages: [3, 1]", "stages: found [3, 1], expected the fewest and the most"),
    "three ends": ("blocks: [1, 2, 3]", "blocks: found [1, 2, 3], expected the fewest and the most"),
    "width of zero": ("widths: [0]", "widths: found 0, expected a whole number from 1 to 4096"),
    "dropout of one": ("dropouts: [1.0]", "dropouts: found 1.0, expected one of 0.0, 0.01, 0.02, …, 0.99"),
    "dropout between": ("dropouts: [0.125]", "dropouts: found 0.125, expected one of 0.0, 0.01, 0.02, …, 0.99"),
    "text for a number": ("widths: [wide]", "widths: found 'wide', expected a whole number"),
    "option of none": ("options: {gru.size: [1]}", "options: found 'gru.size', expected gru.bidirectional"),
    "option not there": ("options: {lstm.bidirectional: [2]}", "lstm.bidirectional: found [2], expected some of"),
    "no options": ("options: {lstm.bidirectional: []}", "lstm.bidirectional: found [], expected some of"),
    "options twice": ("options: {convolution.kernel_size: [3, 3]}", "kernel_size: found [3, 3], expected some of 3, 5"),
    "names that are none": ("operations: [1]", "unknown operation 1: expected one of"),
    "yes and no": ("connections: [no]", "unknown connection False: expected one of"),
    "a word in a range": ("stages: [1, two]", "stages: found 'two', expected a whole number"),
    "no date": ("extends: 2024-13-45", "not YAML ("),
    "options no mapping": ("options: [1]", "options: found [1], expected a mapping"),
    "a list": ("- lstm", "found list, expected keys such as extends"),
    "a key twice": ("widths: [16]\nheads: [dense]\nwidths: [32]", "found 'widths' on lines 1 and 3, expected each key"),
    "an inner key twice": ("options:\n  gru.size: [1]\n  gru.size: [1]", "found 'gru.size' on lines 2 and 3"),
    "not YAML": ("stages: [1", "not YAML"),
    "unknown activation": ("activations: [relu6]", "activations: found 'relu6', expected one of gelu, relu"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_told_in_one_line(tmp_path, text: str, message: str):
    """The line names the file, what was found and what was expected."""
    path = written(tmp_path, text)
    with pytest.raises(InvalidInput) as caught:
        load_space(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    pattern = ".*".join(re.escape(part) for part in message.split(".*"))
    assert re.search(pattern, str(caught.value)), caught.value


def test_a_missing_file_is_told(tmp_path):
    """By its path."""
    with pytest.raises(InvalidInput, match=r"gone\.yaml: no such file: expected a search space"):
        load_space(str(tmp_path / "gone.yaml"))


def test_binary_rubbish_is_told(tmp_path):
    """Not a traceback."""
    path = tmp_path / "rubbish.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InvalidInput, match=r"cannot be read|not YAML"):
        load_space(str(path))


def test_whole_numbers_for_dropouts_are_the_same_networks(tmp_path):
    """YAML reads 0 where 0.0 is meant: fingerprints do not tell, and nothing changes on the way through the record."""
    space = load_space(written(tmp_path, "{extends: tiny, dropouts: [0]}"))
    assert space == load_space({"extends": "tiny", "dropouts": [0.0]})
    architecture = space.sample(np.random.default_rng(0))
    read = Architecture.from_json(json.loads(json.dumps(architecture.to_json())))
    assert read.fingerprint == architecture.fingerprint

"""Strict YAML: a key that stands twice in a mapping is a mistake, of which YAML's loader would keep the second half."""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

from spaces.errors import InvalidInput


class _Loader(yaml.SafeLoader):
    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and names[key.value] > 1:
                lines = " and ".join(str(k.start_mark.line + 1) for k, _ in node.value if k.value == key.value)
                raise InvalidInput(f"found {key.value!r} on lines {lines}, expected each key once")
        return node


def load(text: str) -> Any:
    """What a text of YAML says, in Python's plain types.

    Raises:
        yaml.YAMLError: it is no YAML.
        InvalidInput: a mapping has a key twice.
    """
    return yaml.load(text, Loader=_Loader)

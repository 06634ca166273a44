"""The files for `ray up` and KubeRay that docs/cluster.md shows have the right form and fit what is installed."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from jsonschema import ValidationError
from ray.autoscaler._private.util import prepare_config, validate_config

ROOT = Path(__file__).parents[2]


def shown(name: str) -> dict:
    """A file of the document."""
    text = (ROOT / "docs/cluster.md").read_text()
    (block,) = re.findall(rf"```yaml\n# {re.escape(name)}\n(.*?)```", text, re.DOTALL)
    return yaml.safe_load(block)


def test_ray_up_takes_its_file():
    """Ray's own schema and defaults; a misspelt key is refused."""
    config = shown("ray-cluster.yaml")
    validate_config(prepare_config(config))
    with pytest.raises(ValidationError, match="workers_ips"):
        validate_config(prepare_config(config | {"workers_ips": []}))


def test_nodes_install_what_is_mounted():
    """With the project's constraints, so that driver and workers have the same versions."""
    config = shown("ray-cluster.yaml")
    (mounted,) = config["file_mounts"]
    assert any(f"--constraint {mounted}/constraints.txt {mounted}" in command for command in config["setup_commands"])
    starts = config["head_start_ray_commands"] + config["worker_start_ray_commands"]
    assert all(command.startswith("~/environment/bin/ray ") for command in starts)


def pods() -> dict[str, dict]:
    """The pods of KubeRay's file, by the name of their container."""
    spec = shown("raycluster.yaml")["spec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    return {group["template"]["spec"]["containers"][0]["name"]: group["template"]["spec"] for group in groups}


def test_kuberay_starts_the_ray_that_is_installed():
    """Ray refuses nodes of other versions."""
    cluster = shown("raycluster.yaml")
    assert (cluster["apiVersion"], cluster["kind"]) == ("ray.io/v1", "RayCluster")
    assert cluster["spec"]["rayVersion"] == version("ray")


def test_head_and_workers_are_the_same_but_for_their_names():
    """One image, the same checkpoints at the same path, the same health check as in docker-compose.yml."""
    head, worker = pods()["ray-head"], pods()["ray-worker"]
    assert head["volumes"] == worker["volumes"]
    own = [pod["containers"][0] | {"name": ""} for pod in (head, worker)]
    assert own[0] == own[1]
    (home,) = [variable["value"] for variable in own[0]["env"] if variable["name"] == "PENCHANT_HOME"]
    assert [mount["mountPath"] for mount in own[0]["volumeMounts"]] == [home]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["runner"]["healthcheck"]["test"]
    assert own[0]["livenessProbe"]["exec"]["command"][:2] == compose[1:3] == ["ray", "health-check"]

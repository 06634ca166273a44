"""A made-up verdict document for the tests of what reads one."""

from typing import Any

SEALED = {"mean": 0.884, "sd": 0.006, "seeds": 10}

CONTRACT: dict[str, Any] = {
    "schema": 1,
    "study": "first",
    "dataset": "digits",
    "metric": "accuracy",
    "higher_is_better": True,
    "sentence": "On digits, convolution wins.",
    "winner": "convolution",
    "winner_set": ["convolution"],
    "families": [
        {
            "family": "convolution",
            "trials": 2,
            "failed": 0,
            "expected_best": 0.887,
            "interval": [0.85, 0.9],
            "p_adjusted": 1.0,
            "in_winner_set": True,
            "curve": [0.8, 0.887],
            "steps": 600,
            "gain_on_doubling": None,
            "still_learning": False,
            "rung_rank_correlation": 0.7,
        }
    ],
    "components": [
        {
            "component": "connection",
            "contrast": "residual over plain",
            "difference": 0.1,
            "interval": [0.05, 0.15],
            "effect_size": 1.1,
            "hosts": 8,
            "hosts_positive": 7,
            "p_adjusted": 0.01,
            "decision": "helps",
            "hosts_needed": None,
        }
    ],
    "champion": {
        "fingerprint": "ab12",
        "architecture": {"stages": [{"operation": "convolution"}]},
        "families": ["convolution"],
        "parameters": 1200,
        "flops": 34000,
        "sealed_test": SEALED,
        "runner_up": {"fingerprint": "cd34", "sealed_test": SEALED},
        "landmarks": [{"name": "lenet", "sealed_test": SEALED}],
        "beats_landmarks": True,
    },
    "fairness": {
        "equal_trials": "convolution",
        "equal_parameters": None,
        "equal_time": "convolution",
        "agree": False,
    },
    "budget": {"trials": 120, "core_seconds": 600.0, "wall_seconds": 310.5, "worker_busy_share": 0.97},
    "undecided": ["components were not tested"],
}


def changed(**fields: Any) -> dict[str, Any]:
    """The contract with some of its fields replaced."""
    return {**CONTRACT, **fields}

"""What the tests of the storage ask a study to do."""

from search.specification import Specification
from spaces import SearchSpace

SPECIFICATION = Specification(
    dataset="digits",
    dataset_fingerprint="0" * 16,
    space=SearchSpace.named("everything"),
    strategy="tpe",
    seed=0,
    trials=10,
    horizon=100,
    tracking_uri="sqlite:///mlflow.db",
)

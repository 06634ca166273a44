import pytest

from search.tracking.address import check_tracking_uri
from spaces import InvalidInput


@pytest.mark.parametrize("wrong", ["file:///tmp/mlruns", "mlruns", "http://127.0.0.1:1", "http://"])
def test_a_tracking_uri_is_checked_before_the_study_exists(wrong: str):
    """Neither a folder nor a port where nobody answers."""
    with pytest.raises(InvalidInput, match=f"^tracking URI .*{wrong}.*expected"):
        check_tracking_uri(wrong)

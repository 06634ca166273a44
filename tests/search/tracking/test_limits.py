import json

from search.tracking.limits import LONGEST_VALUE, MOST_METRICS, Point, requests, split_values


def test_a_long_value_goes_into_several_and_comes_back_whole():
    """`reason`, `reason.2`, …: joined in this order they are the value; short ones keep their one name."""
    text = "".join(chr(65 + n % 26) for n in range(2 * LONGEST_VALUE + 1))
    parts = split_values({"reason": text, "seed": 3, "empty": ""})
    assert list(parts) == ["reason", "reason.2", "reason.3", "seed", "empty"]
    assert all(len(part) <= LONGEST_VALUE for part in parts.values())
    assert parts["reason"] + parts["reason.2"] + parts["reason.3"] == text
    assert (parts["seed"], parts["empty"]) == ("3", "")


def test_many_params_and_points_keep_every_request_within_the_limits():
    """At most 100 params, 1,000 entries and a megabyte a request; nothing is left out, the order stays."""
    params = {f"choice{n}": "é" * LONGEST_VALUE for n in range(130)}  # six bytes each in JSON
    points = [Point("train_loss", n / 7, n) for n in range(2 * MOST_METRICS + 5)]
    sent = list(requests(params, points))
    assert {name: value for some, _ in sent for name, value in some.items()} == params
    assert [point for _, some in sent for point in some] == points
    assert all(len(some_params) <= 100 and len(some_params) + len(p) <= 1000 for some_params, p in sent)
    assert all(len(json.dumps([some_params, some])) < 1_000_000 for some_params, some in sent)


def test_a_trial_takes_one_request():
    """Also one that has nothing to tell."""
    assert list(requests({}, [])) == [({}, [])]
    assert len(list(requests({"stages": "1"}, [Point("seconds", 1.0, 0)]))) == 1

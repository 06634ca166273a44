import pytest

from workers.share import Share, even_share


@pytest.mark.parametrize(
    ("share", "node", "workers"),
    [
        (Share(), {"CPU": 4.0}, 4),
        (Share(), {"memory": 1e9}, 0),
        (Share(0.5), {"CPU": 2.0}, 4),
        (Share(0.1), {"CPU": 3.0}, 30),
        (Share(2), {"CPU": 5.0}, 2),
        (Share(1, 1), {"CPU": 8.0, "GPU": 2.0}, 2),
        (Share(1, 2), {"CPU": 8.0, "GPU": 5.0}, 2),
        (Share(1, 0.6), {"CPU": 8.0, "GPU": 2.0}, 2),
        (Share(1, 0.3333), {"CPU": 8.0, "GPU": 1.0}, 3),
        (Share(1, 0.5), {"CPU": 8.0}, 0),
        (Share(4, 0.5), {"CPU": 8.0, "GPU": 4.0}, 2),
    ],
)
def test_a_node_holds_as_many_workers_as_both_kinds_allow(share, node, workers):
    """CPUs and GPUs both limit; a fraction of a GPU lies on one of them."""
    assert share.workers_on(node) == workers


@pytest.mark.parametrize(
    ("nodes", "options", "gpus"),
    [
        ([{"CPU": 2.0}], {}, 0),
        ([{"CPU": 2.0, "GPU": 4.0}], {}, 1),
        ([{"CPU": 4.0, "GPU": 1.0}], {}, 0.25),
        ([{"CPU": 4.0, "GPU": 1.0}], {"workers": 2}, 0.5),
        ([{"CPU": 4.0, "GPU": 1.0}], {"workers": 9}, 0.25),
        ([{"CPU": 2.0, "GPU": 1.0}], {"cpus": 0.5}, 0.25),
        ([{"CPU": 6.0, "GPU": 1.0}], {}, 0.1666),
        ([{"CPU": 3.0, "GPU": 2.0}], {}, 0.5),
        ([{"CPU": 16.0}, {"CPU": 4.0, "GPU": 1.0}], {}, 0.25),
        ([{"CPU": 8.0, "GPU": 1.0}, {"CPU": 4.0, "GPU": 4.0}], {}, 0.125),
    ],
)
def test_gpus_are_shared_evenly(nodes, options, gpus):
    """Each worker takes as much as leaves room for all, in Ray's ten-thousandths, never rounded up."""
    share = even_share(nodes, **options)
    assert share.gpus == gpus
    if gpus:
        with_gpus = [node for node in nodes if "GPU" in node]
        room = sum(int(node["CPU"] / share.cpus) for node in with_gpus)
        assert sum(map(share.workers_on, nodes)) >= min(options.get("workers", room), room)


def test_a_share_is_shown():
    """As a message names it."""
    assert str(Share(0.5)) == "0.5 CPU"
    assert str(Share(2, 0.25)) == "2 CPU and 0.25 GPU"

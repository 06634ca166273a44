import pytest

from tests.contracts.test_engines import Broken, Listed, unit
from workers.dispatch import DEATHS_FORGIVEN, LOSSES_FORGIVEN, Dispatch, note_of
from workers.engine import Signal
from workers.outcome import Outcome, Status


def trained(trial: int) -> Outcome:
    return Outcome(trial, 0, 4, Status.TRAINED)


def test_units_go_out_and_outcomes_come_back(tmp_path):
    """It waits for outcomes of a round, and is done after the last."""
    source = Listed([unit(0), unit(1)], [unit(2)])
    dispatch = Dispatch(source, tmp_path)
    assert [dispatch.hand_out("a"), dispatch.hand_out("b")] == [unit(0), unit(1)]
    assert dispatch.hand_out("c") is Signal.WAIT
    dispatch.take_back("b", trained(1))
    dispatch.take_back("a", trained(0))
    assert dispatch.hand_out("c") == unit(2)
    assert dispatch.hand_out("d") is Signal.WAIT
    dispatch.take_back("c", trained(2))
    assert dispatch.hand_out("d") is Signal.DONE
    assert source.absorbed == {(0, 0): 1, (1, 0): 1, (2, 0): 1}


def test_a_lost_unit_goes_out_again_before_new_ones(tmp_path):
    """The source hears nothing of it; a run that had no unit is no loss."""
    source = Listed([unit(0), unit(1)])
    dispatch = Dispatch(source, tmp_path)
    dispatch.hand_out("a")
    dispatch.lose("a rest", "gone", is_death=True)
    dispatch.lose("a", "gone", is_death=True)
    assert dispatch.in_flight == 0
    assert dispatch.hand_out("b") == unit(0)
    assert not source.absorbed


@pytest.mark.parametrize(("is_death", "forgiven"), [(True, DEATHS_FORGIVEN), (False, LOSSES_FORGIVEN)])
def test_a_unit_that_is_lost_again_and_again_has_crashed(tmp_path, is_death, forgiven):
    """A process that dies is forgiven less often than a node; at last the account is the reason."""
    source = Listed([unit(0)])
    dispatch = Dispatch(source, tmp_path)
    for run in range(forgiven + 1):
        assert not source.absorbed
        dispatch.hand_out(str(run))
        dispatch.lose(str(run), f"account {run}", is_death)
    assert source.outcomes[0].status is Status.CRASHED
    assert f"lost {forgiven + 1} times in this unit, at last:\naccount {forgiven}" in source.outcomes[0].reason
    assert dispatch.hand_out("last") is Signal.DONE


def test_a_note_tells_that_the_unit_hung(tmp_path):
    """The first loss counts then, and the note is removed."""
    source = Listed([unit(0, limit_seconds=2.0)])
    dispatch = Dispatch(source, tmp_path)
    note = note_of(tmp_path, dispatch.hand_out("a"))
    note.write_text("in never_returns")
    dispatch.lose("a", "gone", is_death=True)
    assert source.outcomes[0].status is Status.TIMED_OUT
    assert "far beyond 2 s" in source.outcomes[0].reason
    assert "in never_returns" in source.outcomes[0].reason
    assert not note.exists()


def test_an_error_of_the_source_ends_it(tmp_path):
    """Nothing goes out after it and nothing more is told; the error is kept."""
    source = Broken([unit(0), unit(1), unit(2)])
    dispatch = Dispatch(source, tmp_path)
    dispatch.hand_out("a")
    dispatch.hand_out("b")
    dispatch.take_back("a", trained(0))
    assert isinstance(dispatch.error, OSError)
    dispatch.take_back("b", trained(1))
    assert dispatch.hand_out("c") is Signal.DONE
    assert source.absorbed == {(0, 0): 1}


def test_a_run_that_fails_ends_it(tmp_path):
    """It is in flight no longer, nothing goes out after it, and of several such errors the first is kept."""
    source = Listed([unit(0), unit(1), unit(2)])
    dispatch = Dispatch(source, tmp_path)
    dispatch.hand_out("a")
    dispatch.hand_out("b")
    dispatch.fail("a", OSError("no space"))
    dispatch.fail("b", OSError("no space either"))
    assert dispatch.in_flight == 0
    assert dispatch.hand_out("c") is Signal.DONE
    assert str(dispatch.error) == "no space"

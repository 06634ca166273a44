import threading

import pytest

from search.storage.writer import MOST_WAITING, Writer


def test_things_are_written_in_their_order():
    """Whichever of them takes long."""
    writer, written, first_may_end = Writer(), [], threading.Event()
    writer.write(lambda: (first_may_end.wait(60), written.append("first")))
    writer.write(written.append, "second")
    assert written == []
    first_may_end.set()
    writer.settle()
    assert written == ["first", "second"]


def test_after_a_write_that_failed_nothing_is_written():
    """A record with a hole would mislead whoever resumes from it; the failure is told once, then it may go on."""
    writer, written, both_given = Writer(), [], threading.Event()
    writer.write(lambda: both_given.wait(60) and 1 / 0)
    writer.write(written.append, "lost")
    both_given.set()
    with pytest.raises(ZeroDivisionError):
        writer.settle()
    assert written == []
    writer.write(written.append, "after")
    writer.settle()
    assert written == ["after"]


def test_a_failure_is_raised_by_a_later_write():
    """Nobody goes on for long without a record."""
    writer = Writer()
    writer.write(lambda: 1 / 0)
    writer._waiting[0].result()
    with pytest.raises(ZeroDivisionError):
        writer.write(print)


def test_who_writes_faster_than_the_database_waits():
    """At most so many writes wait at a time."""
    writer, may_end, all_given, written = Writer(), threading.Event(), threading.Event(), []

    def give() -> None:
        for number in range(MOST_WAITING + 1):
            writer.write(lambda number=number: (may_end.wait(60), written.append(number)))
        all_given.set()

    giver = threading.Thread(target=give)
    giver.start()
    assert not all_given.wait(0.3)
    may_end.set()
    giver.join(60)
    writer.settle()
    assert written == list(range(MOST_WAITING + 1))


def test_draining_raises_nothing():
    """For who leaves with another error already."""
    writer = Writer()
    writer.write(lambda: 1 / 0)
    writer.drain()

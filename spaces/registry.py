"""Registry: name -> class, filled by walking a package the first time somebody looks."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Generic, TypeVar

from spaces.errors import InvalidInput

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Named classes (or functions) of one kind, each in a file of its own.

    Look-up itself imports the package's files, since a fresh worker process has imported nothing yet; names come back
    sorted, so that their order does not depend on the file system.

    Args:
        kind: what an entry is called in messages, e.g. `"operation"`.
        package: dotted name of the package whose files register the entries.
        entry_points: group of entry points under which installed packages name modules that register more.
    """

    def __init__(self, kind: str, package: str, entry_points: str | None = None) -> None:
        self.kind = kind
        self._package = package
        self._entry_points = entry_points
        self._entries: dict[str, Entry] = {}
        self._walked = False
        self._recent: list[str] = []
        self._installed: frozenset[str] = frozenset()

    def register(self, name: str) -> Callable[[Entry], Entry]:
        """Decorator that enters a class under a name.

        Raises:
            ValueError: the name is taken by another class.
        """

        def enter(entry: Entry) -> Entry:
            if not getattr(entry, "__module__", "").startswith(f"{self._package}."):
                self._walk()  # a user's own: it must not take a name of ours that was not imported yet
            taken = self._entries.get(name)
            if taken is not None and _origin(taken) != _origin(entry):
                raise ValueError(f"{self.kind} {name!r} is already registered by {_origin(taken)}")
            self._entries[name] = entry
            self._recent.append(name)
            return entry

        return enter

    @contextmanager
    def registering(self, forgotten: Collection[str] = ()) -> Iterator[list[str]]:
        """Inside the block entries are registered anew; if it fails, all is as before.

        Args:
            forgotten: names that the block is expected to register again, or not.

        Yields:
            The names registered in the block so far.
        """
        self._walk()
        before, outer = dict(self._entries), self._recent
        for name in forgotten:
            self._entries.pop(name, None)
        self._recent = []
        try:
            yield self._recent
        except BaseException:
            self._entries.clear()
            self._entries.update(before)
            raise
        finally:
            self._recent = outer

    @property
    def installed(self) -> frozenset[str]:
        """Names that every process knows: those of the package and of installed packages' entry points."""
        self._walk()
        return self._installed

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        self._walk()
        return tuple(sorted(self._entries))

    def check(self, name: str) -> str:
        """Returns the name if it is registered.

        Raises:
            InvalidInput: it is not; the message names the nearest one.
        """
        self._walk()
        if not isinstance(name, str) or name not in self._entries:
            raise InvalidInput(f"unknown {self.kind} {name!r}: expected {self._expected(name)}")
        return name

    def __getitem__(self, name: str) -> Entry:
        if self._walked and isinstance(name, str) and name in self._entries:
            return self._entries[name]
        return self._entries[self.check(name)]

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def _expected(self, name: str) -> str:
        near = difflib.get_close_matches(str(name), self._entries, n=1)
        known = "one of " + ", ".join(sorted(self._entries))
        return f"{known} (did you mean {near[0]!r}?)" if near else known

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True  # before the imports: a registering file may look something up itself
        package = importlib.import_module(self._package)
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
            importlib.import_module(f"{self._package}.{module.name}")
        if self._entry_points is not None:
            for entry_point in sorted(metadata.entry_points(group=self._entry_points), key=lambda point: point.name):
                self._import(entry_point)
        self._installed = frozenset(self._entries)

    def _import(self, entry_point: metadata.EntryPoint) -> None:
        try:
            entry_point.load()
        except Exception as error:
            raise InvalidInput(
                f"entry point {entry_point.name!r} of {self._entry_points}: cannot import {entry_point.value} "
                f"({type(error).__name__}: {error}); expected a module that registers an {self.kind}"
            ) from error


def _origin(entry: object) -> str:
    """Where a class was defined; the same class imported twice has the same origin."""
    return f"{getattr(entry, '__module__', '?')}.{getattr(entry, '__qualname__', entry)}"

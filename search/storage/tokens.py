"""TokenStore: who may use the service, and for how long."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from search.storage.database import Database
from search.storage.tables import TokenRow, now
from spaces.errors import InvalidInput

_TOKEN = re.compile(r"penchant_([0-9a-f]{12})_([\w-]{43})")


class Scope(IntEnum):
    """What a token allows; each also allows what those before it do."""

    READ = 1
    WRITE = 2
    ADMIN = 3


@dataclass(frozen=True)
class Token:
    """What is known of a token; its secret is not.

    Attributes:
        name: tells it from others, and is no secret.
        owner: who uses it.
        scope: what it allows.
        created: when, in UTC.
        expires: when it ends; None for never.
        revoked: when it was taken back; None while it was not.
    """

    name: str
    owner: str
    scope: Scope
    created: datetime
    expires: datetime | None
    revoked: datetime | None

    @property
    def is_valid(self) -> bool:
        """Whether it may be used now."""
        return self.revoked is None and (self.expires is None or now() < self.expires)


class TokenStore:
    """Makes, checks and revokes tokens."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def create(self, owner: str, scope: Scope, lasts: timedelta | None) -> str:
        """Makes a token and returns it whole, for the only time.

        Args:
            owner: who will use it.
            scope: what it allows.
            lasts: how long; None for ever.
        """
        name, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        expires = None if lasts is None else now() + lasts
        with Session(self._engine) as session, session.begin():
            session.add(TokenRow(name=name, owner=owner, scope=scope.name, hash=_hash(secret), expires=expires))
        return f"penchant_{name}_{secret}"

    def check(self, text: str) -> Token | None:
        """The token that a user sent, if it is one and valid."""
        parts = _TOKEN.fullmatch(text)
        name, secret = (parts[1], parts[2]) if parts else ("", "")
        with Session(self._engine) as session:
            row = session.get(TokenRow, name)
            # as long for a name that does not exist, and for every wrong secret
            is_right = secrets.compare_digest(_hash(secret), row.hash if row is not None else _hash("nobody's"))
            token = _token(row) if row is not None and is_right else None
        return token if token is not None and token.is_valid else None

    def all(self) -> list[Token]:
        """All tokens, oldest first."""
        with Session(self._engine) as session:
            return [_token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.created))]

    def revoke(self, name: str) -> None:
        """Takes a token back.

        Raises:
            InvalidInput: there is none of this name.
        """
        with Session(self._engine) as session, session.begin():
            row = session.get(TokenRow, name)
            if row is None:
                raise InvalidInput(f"unknown token {name!r}: expected a name that `penchant token list` shows")
            row.revoked = row.revoked or now()


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: TokenRow) -> Token:
    return Token(row.name, row.owner, Scope[row.scope], row.created, row.expires, row.revoked)

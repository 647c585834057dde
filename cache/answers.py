"""Raw answers: the last few of every question, packed and bounded, and what is needed to ask the question more cheaply next time.

Functions on a connection, within the caller's transaction; instants are UTC seconds.
"""

import zlib
from datetime import UTC, datetime
from sqlite3 import Connection

import msgspec

from ..feeds.series import Answer
from .schema import identify

KEPT_PER_PART = 3
_LEVEL = 1  # a few percent larger than the default and several times quicker


class Kept(msgspec.Struct, frozen=True):
    """One answer as it came."""

    at: datetime
    sha256: str
    body: bytes


class Question(msgspec.Struct, frozen=True):
    """One question to a provider, a feed and a part of it, as it stood after its last good answer."""

    number: int
    last_success: int
    sha256: str
    etag: str
    last_modified: str
    wanted: str  # a digest of what was looked for in that answer


class Packed(msgspec.Struct, frozen=True):
    """An answer ready to be kept: packing takes longer than storing, and needs no transaction."""

    at: int
    sha256: str
    etag: str
    last_modified: str
    body: bytes


def digest(body: bytes) -> str:
    """What tells two bodies apart."""
    from hashlib import sha256  # brings OpenSSL: not for those who only read

    return sha256(body).hexdigest()


def pack(answer: Answer) -> Packed:
    """An answer made small."""
    return Packed(second(answer.fetched_at), digest(answer.body), answer.etag, answer.last_modified, zlib.compress(answer.body, _LEVEL))


def find_question(connection: Connection, feed: str, part: str) -> Question | None:
    """The question, if it was ever answered well."""
    row = connection.execute(
        "SELECT parts.id, last_success, sha256, etag, last_modified, wanted FROM parts JOIN sources ON sources.id = source"
        " WHERE sources.name = ? AND parts.name = ?",
        (feed, part),
    ).fetchone()
    return Question(*row) if row else None


def note_success(connection: Connection, feed: str, part: str, at: int) -> int:
    """The question was answered well at that time. Returns its number."""
    source = identify(connection, "sources", feed)
    connection.execute(
        "INSERT INTO parts (source, name, last_success) VALUES (?, ?, ?)"
        " ON CONFLICT (source, name) DO UPDATE SET last_success = max(last_success, excluded.last_success)",
        (source, part, at),
    )
    (number,) = connection.execute("SELECT id FROM parts WHERE source = ? AND name = ?", (source, part)).fetchone()
    return int(number)


def keep(connection: Connection, number: int, answer: Packed, wanted: str, limit_bytes: int) -> None:
    """Keep the answer to a question, and forget the oldest of that question and, above the limit, of all."""
    connection.execute(
        "UPDATE parts SET sha256 = ?, etag = ?, last_modified = ?, wanted = ? WHERE id = ?",
        (answer.sha256, answer.etag, answer.last_modified, wanted, number),
    )
    connection.execute(
        "INSERT INTO bodies (part, at, sha256, size, packed) VALUES (?, ?, ?, ?, ?)",
        (number, answer.at, answer.sha256, len(answer.body), answer.body),
    )
    connection.execute(
        "DELETE FROM bodies WHERE part = ? AND id NOT IN (SELECT id FROM bodies WHERE part = ? ORDER BY id DESC LIMIT ?)",
        (number, number, KEPT_PER_PART),
    )
    (total,) = connection.execute("SELECT coalesce(sum(size), 0) FROM bodies").fetchone()
    if total > limit_bytes:
        for body, size in connection.execute("SELECT id, size FROM bodies ORDER BY id").fetchall():
            connection.execute("DELETE FROM bodies WHERE id = ?", (body,))
            total -= size
            if total <= limit_bytes:
                return


def kept(connection: Connection, feed: str, part: str) -> list[Kept]:
    """The answers still there, the newest first."""
    rows = connection.execute(
        "SELECT at, bodies.sha256, packed FROM bodies JOIN parts ON parts.id = part JOIN sources ON sources.id = source"
        " WHERE sources.name = ? AND parts.name = ? ORDER BY bodies.id DESC",
        (feed, part),
    ).fetchall()
    return [Kept(datetime.fromtimestamp(at, UTC), sha, zlib.decompress(packed)) for at, sha, packed in rows]


def second(when: datetime) -> int:
    """Whole UTC seconds since 1970 of an aware instant.

    Raises:
        ValueError: an instant without a zone, which could be any.
    """
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone")
    return int(when.timestamp())

"""The keys with which we sign: those of the settings, else one that the database keeps.

The newest key signs; links and reply addresses that customers have are good as long as the key that
signed them is among those that are accepted. The database's own is for a laptop: it lies there in
the clear, in every backup as well. Once keys are set it only goes on being accepted, until
``forget_stored`` removes it. Replicas share it.
"""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.tokens import Signer
from storage.database import Database
from storage.models import Secret

NAME = "signing"


async def load_signer(database: Database, keys: Sequence[str] = ()) -> Signer:
    """Sign by the first of ``keys`` and accept all of them, and the stored one where there is one.

    Without any, the stored key signs, which is made the first time.
    """
    stored = await stored_key(database)
    known = [*keys, *([stored] if stored else [])] or [await _make_key(database)]
    return Signer(*(hashlib.sha256(key.encode()).digest() for key in dict.fromkeys(known)))


def make_key() -> str:
    """Return a new key: 43 letters, digits, hyphens and underscores; 256 bits."""
    return secrets.token_urlsafe(32)


async def stored_key(database: Database) -> str | None:
    """Return the key that the database keeps; None without one."""
    async with database.read() as session:
        row = await session.get(Secret, NAME)
        return row.value if row else None


async def forget_stored(session: AsyncSession) -> bool:
    """Remove the database's key; False where there is none. What it signed is refused then."""
    gone = await session.exec(delete(Secret).where(col(Secret.name) == NAME))
    return bool(gone.rowcount)


async def _make_key(database: Database) -> str:
    """Store a key; the first replica makes it, the others read that one."""
    try:
        async with database.write() as session:
            session.add(Secret(name=NAME, value=make_key()))
    except IntegrityError:
        pass  # another replica was first
    made = await stored_key(database)
    assert made is not None  # one of us has just stored it
    return made

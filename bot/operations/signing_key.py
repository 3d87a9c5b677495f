"""The key with which we sign: SECRET_KEY, else one of our own that the database keeps.

Links and reply addresses that customers have are only good under the key that signed them: with a
new key they end. Replicas share the stored one.
"""

import hashlib
import secrets

from sqlalchemy.exc import IntegrityError

from bot.rules.tokens import Signer
from storage.database import Database
from storage.models import Secret

NAME = "signing"


async def load_signer(database: Database, secret_key: str = "") -> Signer:
    """Signs by ``secret_key``; when that is empty, by the stored key, made the first time."""
    key = secret_key or await _stored(database)
    return Signer(hashlib.sha256(key.encode()).digest())


async def _stored(database: Database) -> str:
    """Return the stored key, made by the first replica that looks; the others read that one."""
    if (known := await _look(database)) is not None:
        return known
    try:
        async with database.write() as session:
            session.add(Secret(name=NAME, value=secrets.token_urlsafe(32)))
    except IntegrityError:
        pass  # another replica was first
    made = await _look(database)
    assert made is not None  # one of us has just stored it
    return made


async def _look(database: Database) -> str | None:
    async with database.read() as session:
        row = await session.get(Secret, NAME)
        return row.value if row else None

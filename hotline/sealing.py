"""Phone numbers and names at rest: AES-256-GCM, and a keyed hash to find the same caller again.

Both keys are derived (HKDF-SHA256) from HOTLINE_SECRET_KEY; sealed text starts with the key's number, for rotation.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from grids.messages import Message
from hotline.errors import HotlineError

KEY_NUMBER = "1"


class BadSeal(HotlineError):
    """A sealed text was made with another key, or was altered."""

    code = "bad_seal"


class Seal:
    """Seals and opens personal data of one installation."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(_derive(secret, b"hotline:seal"))
        self._hash_key = _derive(secret, b"hotline:find")

    def find_key(self, region: str, phone: str) -> str:
        """Return the keyed hash by which a phone number is found again (64 hex digits)."""
        return hmac.new(self._hash_key, f"{region}\x1f{phone}".encode(), hashlib.sha256).hexdigest()

    def caller_id(self, find_key: str) -> UUID:
        """Return the caller's id, which follows from the keyed hash and so needs no look-up."""
        return UUID(hex=f"{find_key[:12]}8{find_key[13:16]}8{find_key[17:32]}")  # a custom UUID (version 8, RFC 9562)

    def seal(self, text: str, bound_to: str) -> str:
        """Return `text` encrypted; it opens only with the same `bound_to` (region and column)."""
        if not text:
            return ""
        nonce = os.urandom(12)
        body = nonce + self._cipher.encrypt(nonce, text.encode(), bound_to.encode())
        return f"{KEY_NUMBER}:{urlsafe_b64encode(body).decode()}"

    def unseal(self, sealed: str, bound_to: str) -> str:
        """Return the plain text.  BadSeal if the key or the place does not fit."""
        if not sealed:
            return ""
        body = urlsafe_b64decode(sealed.partition(":")[2])
        try:
            return self._cipher.decrypt(body[:12], body[12:], bound_to.encode()).decode()
        except InvalidTag:
            raise BadSeal(Message("个人信息无法解密：密钥与加密时不同")) from None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)


_bound: dict[str, Seal] = {}


def bind(seal: Seal) -> Seal:
    """Make this the seal of the process: what hides a name must know it.  Nothing else asks for it here."""
    _bound["seal"] = seal
    return seal


def opened(sealed: str, bound_to: str) -> str:
    """Return the plain text; "" where this process has no seal, or another one."""
    if "seal" not in _bound:
        return ""
    try:
        return _bound["seal"].unseal(sealed, bound_to)
    except BadSeal:
        return ""

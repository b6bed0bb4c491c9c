"""The built assets: hashed names from esbuild's manifest."""

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import msgspec

from hotline.web.doorway import POLICY

DIST = Path(__file__).parents[1] / "static" / "dist"
STATIC = "/static"


def asset(name: str) -> str:
    """Return the address of a built asset, "" where assets were not built."""
    built = manifest(DIST).get(name)
    return f"{STATIC}/{built}" if built else ""


def inlined(name: str) -> tuple[str, str]:
    """Return a built style sheet to stand in a page, and its SHA-256 as a policy names it; ("", "") where not built."""
    built = manifest(DIST).get(name)
    return _inlined(DIST / built) if built else ("", "")


def phone_policy() -> str:
    """Return the content policy of a page of the phone: the house's, and the sheet that stands in it."""
    return POLICY.decode().replace("style-src 'self'", f"style-src 'self' 'sha256-{inlined('phone.css')[1]}'")


@lru_cache(maxsize=4)
def _inlined(path: Path) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8").strip()
    return text, b64encode(sha256(text.encode()).digest()).decode()


def manifest(folder: Path) -> dict[str, str]:
    """Return asset name -> hashed file name; {} where nothing was built.  Read anew when the build changes it."""
    path = folder / "manifest.json"
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=2)
def _manifest(path: Path, _changed: int) -> dict[str, str]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])

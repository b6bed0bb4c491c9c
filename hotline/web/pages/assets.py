"""The built assets: hashed names from esbuild's manifest."""

from functools import lru_cache
from pathlib import Path

import msgspec

DIST = Path(__file__).parents[1] / "static" / "dist"
STATIC = "/static"


def asset(name: str) -> str:
    """Return the address of a built asset, "" where assets were not built."""
    built = manifest(DIST).get(name)
    return f"{STATIC}/{built}" if built else ""


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

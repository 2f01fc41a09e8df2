"""Content beside the code: `handlers/`, `playbooks/`, `migrations/`, found by path.

In a checkout they lie next to the package, in a wheel inside it under a name with an
underscore. Handlers are loaded as modules of a package without a loader, so that their
relative imports, tracebacks and names are right in both and no module called `handlers`
appears among the installed ones.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Give the folder called `name` of a checkout, else the one inside the wheel."""
    beside = PACKAGE.parent / name
    if beside.is_dir() and (PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    return PACKAGE / f"_{name}"


def modules(more: Sequence[Path] = ()) -> Iterator[ModuleType]:
    """Load every handler module, the bot's own first, then those of the operator's folders."""
    yield from _load("aaroc_bot._handlers", folder("handlers"))
    for path in more:
        own = sha256(str(path.resolve()).encode()).hexdigest()[:8]
        yield from _load(f"aaroc_bot._handlers_{own}", path)


def _load(package: str, path: Path) -> Iterator[ModuleType]:
    if package not in sys.modules:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(path)]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    for file in sorted(path.glob("*.py")):
        yield importlib.import_module(f"{package}.{file.stem}")

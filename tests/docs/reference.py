"""Writes the parts of `docs/` that the code knows best: settings, commands, layers.

Such a part stands between two marks in its page; everything around it is written by hand.
`make docs` writes them anew, `test_reference.py` fails while one is out of date.
"""

import ast
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from aaroc_bot.commands import Command, Effect, Handlers, Right, load
from aaroc_bot.content import modules
from aaroc_bot.settings import Named, reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BEGIN, END = "<!-- written by `make docs` -->", "<!-- up to here -->"

WHO = {
    Right.ANYBODY: "everybody",
    Right.MEMBER: "members",
    Right.SITE_ADMIN: "the site's admins, experts",
    Right.EXPERT: "experts",
}
DOES = {
    Effect.READS: "reads",
    Effect.ALTERS: "alters",
    Effect.REDUCES: "only stops or keeps",
}


def settings() -> str:
    """Write a table of the settings for each group of them."""
    groups: dict[str, list[Named]] = {}
    for one in reference():
        group, separator, _ = one.name.removeprefix("AAROC_").partition("__")
        groups.setdefault(group.capitalize() if separator else "The bot", []).append(one)
    return "\n".join(f"## {_title(name)}\n\n{_settings(rows)}" for name, rows in groups.items())


def _title(group: str) -> str:
    return {"Github": "GitHub"}.get(group, group)


def _settings(rows: Iterable[Named]) -> str:
    cells = [(f"`{one.name}`", one.meaning, _code(one.default)) for one in rows]
    return _table(("name", "means", "default"), cells)


def commands() -> str:
    """Write a table of the commands that the handlers declare, by their own words."""
    handlers: Handlers = load(modules())
    cells = [
        (f"`{pattern.usage}`", _who(command), DOES[command.effect], command.help)
        for command in handlers.commands
        for pattern in command.patterns
    ]
    return _table(("typed", "who", "what it does", "help"), sorted(cells))


def _who(command: Command) -> str:
    if command.right is None:
        return "as the entry's `may_run` says"
    if command.patterns[0].words == ("merge",):  # core/merge.py decides, by CODEOWNERS
        return "owners of its files, experts"
    site = command.right is Right.SITE_ADMIN
    return WHO[Right.EXPERT if command.decides and not site else command.right]


def layers() -> str:
    """Write the layers that import-linter keeps, each module with its own first sentence."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one["type"] == "layers"]
    cells = [
        (str(number), f"`{name}`", _first_sentence(name))
        for number, layer in enumerate(contract["layers"], start=1)
        for name in layer.split(" | ")
    ]
    return _table(("layer", "in `aaroc_bot/`", "is"), cells)


def _first_sentence(module: str) -> str:
    path = ROOT / "aaroc_bot" / module
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    return line(head) + line("---" for _ in head) + "".join(map(line, rows))


PARTS: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "commands.md": commands,
    "architecture.md": layers,
}


def pages() -> Iterator[tuple[Path, str, str]]:
    """Give each page with its text as it is and as it should be."""
    for name, part in PARTS.items():
        path = DOCS / name
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        yield path, text, f"{before}{BEGIN}\n\n{part()}\n{END}{after}"


if __name__ == "__main__":
    for path, _, text in pages():
        path.write_text(text, encoding="utf-8")

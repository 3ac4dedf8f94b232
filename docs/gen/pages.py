"""Pages that are read off the package: one a kind of component, one a folder of the library."""

from __future__ import annotations

import inspect
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import hepvision
from hepvision.cli._app import examples, help_text
from hepvision.core import names
from hepvision.core.card import sizes_of
from hepvision.core.errors import MissingExtraError

SOURCE = Path(hepvision.__file__).parent


def component_page(kind: str) -> str:
    """Markdown of all components of a kind."""
    parts = [f"# {kind.capitalize()}\n"]
    for name in names.names(kind):
        extra = names.extra_of(kind, name)
        needs = f"\n\nNeeds `pip install 'hepvision[{extra}]'`." if extra else ""
        if kind == "commands":
            function = names.load(kind, name)
            text = help_text(function).partition("\b")[0].strip()
            lines = "\n".join(examples(function))
            options = inspect.signature(function).parameters
            parts.append(f"## {name}\n\n{text}\n\n```console\n{lines}\n```\n")
            parts.append("| parameter | what it is |\n| --- | --- |")
            parts += [f"| `{option}` | {_help(value)} |" for option, value in options.items()]
            parts.append("")
        elif names.file_of(kind, name).suffix == ".yaml":
            card = names.file_of(kind, name).read_text(encoding="utf-8")
            parts.append(f"## {name}\n\n{names.summary(kind, name)}\n\n```yaml\n{card}```\n")
        else:
            parts.append(f"## {name}\n\n{names.summary(kind, name)}{needs}{_sizes(kind, name)}\n")
            parts.append(f"::: {_module(names.file_of(kind, name))}\n    options:\n{_QUIET}")
    return "\n".join(parts)


_QUIET = "      heading_level: 3\n      show_root_toc_entry: false\n"


def _sizes(kind: str, name: str) -> str:
    """The sizes that a card may name, where a component has them."""
    try:
        sizes = sizes_of(names.load(kind, name)) if kind == "models" else {}
    except MissingExtraError:
        return ""
    return f"\n\n`size:` {', '.join(f'`{one}`' for one in sizes)}." if sizes else ""


def _help(parameter: inspect.Parameter) -> str:
    """Help of a command's option, from its Annotated typer.Option."""
    annotation = str(parameter.annotation)
    if isinstance(parameter.annotation, str):
        found = annotation.partition("help=")[2]
        return found[1:].partition(found[:1])[0] if found else ""
    for extra in getattr(parameter.annotation, "__metadata__", ()):
        if getattr(extra, "help", None):
            return str(extra.help)
    return ""


def _module(path: Path) -> str:
    return ".".join(["hepvision", *path.relative_to(SOURCE).with_suffix("").parts])


def library_page(folder: Path) -> str:
    """Markdown of the modules of a folder that are no components."""
    components = {names.file_of(kind, name) for kind in names.KINDS for name in names.names(kind)}
    parts = [f"# {folder.name}\n"]
    for path in sorted(folder.rglob("*.py")):
        private = any(part.startswith("_") for part in path.relative_to(SOURCE).parts)
        if not private and path not in components:
            parts.append(f"::: {_module(path)}\n")
    return "\n".join(parts)


def pages() -> dict[str, dict[str, str]]:
    """Section, then path, then text."""
    kinds = {
        f"components/{kind}.md": component_page(kind) for kind in names.KINDS if names.names(kind)
    }
    folders = sorted(path for path in SOURCE.iterdir() if (path / "__init__.py").exists())
    library = {f"api/{path.name}.md": library_page(path) for path in folders}
    library = {path: text for path, text in library.items() if ":::" in text}
    return {"Components": kinds, "Library": library}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Append the pages to the navigation."""
    for section, texts in pages().items():
        config.nav = [*(config.nav or []), {section: sorted(texts)}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Hand the texts over; nothing is written into the source tree."""
    for texts in pages().values():
        for path, text in texts.items():
            files.append(File.generated(config, path, content=text))
    return files

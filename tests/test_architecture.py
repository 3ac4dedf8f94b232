"""The design, held by tests: who may import whom, how long things are, what a docstring says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import hepvision
from hepvision.core import names

SOURCE = Path(hepvision.__file__).resolve().parent
TESTS = Path(__file__).resolve().parent
REPOSITORY = TESTS.parent

LAYERS = {
    "core": 0,
    "physics": 1,
    "events": 2,
    "reconstruction": 3,
    "evaluation": 3,
    "readers": 4,
    "simulation": 4,
    "representations": 4,
    "figures": 5,
    "models": 5,
    "losses": 5,
    "tasks": 6,
    "training": 7,
    "deploy": 7,
    "interpretation": 8,
    "studies": 9,
    "cli": 10,
}
#: Folders below which torch does not exist.
TORCH_FROM = 5
#: The only places that import by a name known at run time.
BY_NAME = {"core/names.py", "core/_own_file.py", "__init__.py"}
FILE_LINES, FUNCTION_LINES = 400, 60
BANNED = re.compile(r"^(.*_)?(utils?|helpers?|misc|manager|handler|processor|common)$|^base(_.*)?$")
UNSAFE = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
MACHINE = re.compile(r"(?<![\w.])/(work|home|root|tmp|opt|Users)/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def folder(path: Path) -> str | None:
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else None


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of every import, also in functions and under TYPE_CHECKING."""
    package = ["hepvision", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*stem, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def exported(module: ast.Module) -> list[str] | None:
    for node in module.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets)
            if named and node.value is not None:
                return list(ast.literal_eval(node.value))
    return None


def public(path: Path) -> Iterator[Function | ast.ClassDef]:
    """Functions and classes that a module's ``__all__`` names."""
    wanted = exported(tree(path)) or []
    for node in tree(path).body:
        if isinstance(node, Function | ast.ClassDef) and node.name in wanted:
            yield node


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Nodes of a function without those of functions within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            waiting += list(ast.iter_child_nodes(node))


def test_source_is_found() -> None:
    assert len(files()) > 20


def test_every_folder_has_a_layer() -> None:
    found = {path.parent.name for path in SOURCE.glob("*/*.py")}
    assert found <= set(LAYERS)
    assert not [place(path) for path in files() if not (path.parent / "__init__.py").exists()]


def test_imports_point_downward() -> None:
    wrong = []
    for path in files():
        here = folder(path)
        for line, name in imported(path):
            parts = name.split(".")
            there = parts[1] if parts[0] == "hepvision" and len(parts) > 1 else None
            if here is None or there not in LAYERS or there == here:
                continue
            if LAYERS[there] >= LAYERS[here]:
                wrong.append(f"{place(path)}:{line} imports {name}")
            if here == "evaluation" and there not in {"core", "physics"}:
                wrong.append(f"{place(path)}:{line} evaluation imports {name}")
    assert not wrong, "\n".join(wrong)


def test_a_same_number_import_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule above has teeth: relative, nested and type-checking imports count."""
    bad = tmp_path / "losses" / "bad.py"
    bad.parent.mkdir()
    bad.write_text(
        "if TYPE_CHECKING:\n    from ..models import mlp\ndef f():\n    import torch.nn\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    assert list(imported(bad)) == [(2, "hepvision.models.mlp"), (4, "torch.nn")]
    with pytest.raises(AssertionError, match=r"losses/bad\.py:2 imports hepvision\.models\.mlp"):
        test_imports_point_downward()


def test_import_by_name_only_in_one_place() -> None:
    wrong = [
        f"{place(path)}:{line} imports {name}"
        for path in files()
        for line, name in imported(path)
        if place(path) not in BY_NAME and name.split(".")[0] in {"importlib", "runpy"}
        if not name.startswith(("importlib.metadata", "importlib.resources"))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_torch_below_the_networks() -> None:
    wrong = []
    for path in files():
        here = folder(path)
        if here is None or (LAYERS[here] >= TORCH_FROM and here != "figures"):
            continue
        for line, name in imported(path):
            if name.split(".")[0] in {"torch", "lightning", "torchvision", "timm", "safetensors"}:
                wrong.append(f"{place(path)}:{line} imports {name}")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require":
                wanted = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
                if any(str(name).split(".")[0] in {"torch", "lightning"} for name in wanted):
                    wrong.append(f"{place(path)}:{node.lineno} requires {wanted[0]}")
    assert not wrong, "\n".join(wrong)


def test_lightning_only_in_training() -> None:
    wrong = [
        f"{place(path)}:{line} imports {name}"
        for path in files()
        for line, name in imported(path)
        if name.split(".")[0] in {"lightning", "pytorch_lightning"} and folder(path) != "training"
    ]
    assert not wrong, "\n".join(wrong)


def test_files_are_short() -> None:
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in files()}
    assert not {name: lines for name, lines in lengths.items() if lines > FILE_LINES}


def test_functions_are_short() -> None:
    """Sixty lines, the docstring apart."""
    wrong = []
    for path in files():
        for node in ast.walk(tree(path)):
            if not isinstance(node, Function):
                continue
            # a command's signature is its options, one below the other
            start = node.body[0].lineno if folder(path) == "cli" else node.lineno
            lines = (node.end_lineno or start) - start + 1
            if ast.get_docstring(node) is not None:
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            if lines > FUNCTION_LINES:
                wrong.append(f"{place(path)}:{node.lineno} {node.name} has {lines} lines")
    assert not wrong, "\n".join(wrong)


def test_no_banned_names() -> None:
    wrong = [place(path) for path in files() if BANNED.match(path.stem)]
    wrong += [place(path) for path in SOURCE.rglob("*/") if BANNED.match(path.name)]
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                snake = re.sub(r"(?<!^)(?=[A-Z][a-z])", "_", node.name).lower()
                if BANNED.match(snake):
                    wrong.append(f"{place(path)}:{node.lineno} class {node.name}")
    assert not wrong, "\n".join(wrong)


def test_every_module_says_what_is_public() -> None:
    wrong = []
    for path in files():
        wanted = exported(tree(path))
        if path.stem in {"__init__", "__main__"} and wanted is None:
            continue
        if wanted is None:
            wrong.append(f"{place(path)} has no __all__")
        if ast.get_docstring(tree(path)) is None and path.stem != "__init__":
            wrong.append(f"{place(path)} has no docstring")
    assert not wrong, "\n".join(wrong)


def sections(doc: str) -> dict[str, str]:
    """Text of each numpy-style section of a docstring."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", doc + "\n", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(section: str) -> set[str]:
    """Names that the heading lines of a Parameters section give."""
    heads = [line.partition(" : ")[0] for line in section.splitlines() if line[:1].strip()]
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def arguments(node: Function) -> list[str]:
    spec = node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    every += [arg for arg in (spec.vararg, spec.kwarg) if arg is not None]
    return [arg.arg for arg in every if arg.arg not in {"self", "cls"} and arg.arg[0] != "_"]


def faults_of_function(node: Function, *, example: bool) -> Iterator[str]:
    doc = ast.get_docstring(node)
    if doc is None:
        yield "no docstring"
        return
    found = sections(doc)
    told, taken = documented(found.get("Parameters", "")), set(arguments(node))
    if taken - told:
        yield f"Parameters lacks {', '.join(sorted(taken - told))}"
    if told - taken:
        yield f"Parameters tells of {', '.join(sorted(told - taken))}"
    void = isinstance(node.returns, ast.Constant) and node.returns.value is None
    never = isinstance(node.returns, ast.Name) and node.returns.id in {"NoReturn", "Never"}
    is_property = any("property" in ast.unparse(d) for d in node.decorator_list)
    returns = node.returns is not None and not (void or never or is_property)
    if returns and not {"Returns", "Yields"} & set(found):
        yield "no Returns"
    raises = any(isinstance(n, ast.Raise) and n.exc is not None for n in own_nodes(node))
    if raises and "Raises" not in found:
        yield "raises, but has no Raises"
    if example and ">>>" not in found.get("Examples", ""):
        yield "no Examples with >>>"


def faults_of_class(node: ast.ClassDef) -> Iterator[str]:
    doc = ast.get_docstring(node)
    if doc is None:
        yield "no docstring"
        return
    plain = ("Error", "Exception", "NamedTuple", "TypedDict", "Protocol")
    if any(ast.unparse(parent).endswith(plain) for parent in node.bases):
        return
    if ">>>" not in sections(doc).get("Examples", ""):
        yield "no Examples with >>>"
    for part in node.body:
        if isinstance(part, Function) and part.name[0] != "_" and not ast.get_docstring(part):
            overloaded = any("overload" in ast.unparse(d) for d in part.decorator_list)
            if not overloaded:
                yield f"method {part.name} has no docstring"


def test_docstrings_are_complete() -> None:
    """Of all that a user can name; files that start with ``_`` are the writers' own."""
    wrong = []
    for path in files():
        if path.stem.startswith("_"):
            continue
        for node in public(path):
            if isinstance(node, ast.ClassDef):
                faults = faults_of_class(node)
            else:
                faults = faults_of_function(node, example=folder(path) != "cli")
            wrong += [f"{place(path)}:{node.lineno} {node.name}: {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("def f(x):\n    '''One.'''", "Parameters lacks x"),
        ("def f() -> int:\n    '''One.'''", "no Returns"),
        ("def f():\n    '''One.'''\n    raise ValueError", "raises, but has no Raises"),
        ("def f():\n    '''One.'''", "no Examples with >>>"),
        ("def f():\n    pass", "no docstring"),
    ],
)
def test_docstring_faults_are_seen(code: str, fault: str) -> None:
    node = ast.parse(code).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert fault in list(faults_of_function(node, example=True))


@pytest.mark.parametrize("kind", [kind for kind in names.KINDS if kind != "studies"])
def test_component_folders_hold_components(kind: str) -> None:
    """The first name of ``__all__`` is the file's own name, in snake or camel case."""
    wrong = []
    for name in names.names(kind):
        path = names.file_of(kind, name)
        first = (exported(tree(path)) or ["nothing"])[0]
        if first.replace("_", "").lower() != name.replace("_", "").lower():
            wrong.append(f"{place(path)}: first of __all__ is {first}")
        if not names.summary(kind, name):
            wrong.append(f"{place(path)}: no first docstring line")
    assert not wrong, "\n".join(wrong)


def test_nothing_unsafe() -> None:
    """No pickle, no eval, no code from a file."""
    wrong = []
    for path in files():
        for line, name in imported(path):
            if name.split(".")[0] in UNSAFE:
                wrong.append(f"{place(path)}:{line} imports {name}")
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            options = {k.arg: ast.unparse(k.value) for k in node.keywords}
            unsafe = (
                called in {"eval", "exec", "compile", "__import__", "yaml.load", "os.system"}
                or called.endswith(("read_pickle", "to_pickle", "pd.read_hdf"))
                or options.get("allow_pickle", "False") != "False"
                or options.get("shell", "False") != "False"
                or (called == "torch.load" and options.get("weights_only") != "True")
            )
            if unsafe:
                wrong.append(f"{place(path)}:{node.lineno} {ast.unparse(node)[:80]}")
    assert not wrong, "\n".join(wrong)


def test_no_print_assert_or_stub() -> None:
    wrong = []
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                wrong.append(f"{place(path)}:{node.lineno} print")
            elif isinstance(node, ast.Assert | ast.Global):
                wrong.append(f"{place(path)}:{node.lineno} {type(node).__name__.lower()}")
            elif isinstance(node, ast.Name) and node.id == "NotImplementedError":
                wrong.append(f"{place(path)}:{node.lineno} NotImplementedError")
            elif isinstance(node, Function) and getattr(node.args.kwarg, "arg", "") == "kwargs":
                wrong.append(f"{place(path)}:{node.lineno} **kwargs")
        if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text("utf-8")):
            wrong.append(f"{place(path)} has something to do")
    assert not wrong, "\n".join(wrong)


def test_no_machine_paths() -> None:
    texts = [*files(), *SOURCE.rglob("*.yaml")]
    for pattern in (
        "*.md",
        "*.toml",
        "*.cff",
        "*.txt",
        "docs/**/*.md",
        "validation/**/*",
        "Makefile",
    ):
        texts += [path for path in REPOSITORY.glob(pattern) if path.suffix in {".md", ".py", ""}]
    wrong = [
        f"{path.name}:{number} {line.strip()}"
        for path in texts
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_has_its_test() -> None:
    lost = []
    for path in files():
        relative = path.relative_to(SOURCE)
        if any(part.startswith("_") for part in relative.parts):
            continue
        if not (TESTS / relative.parent / f"test_{relative.name}").exists():
            lost.append(
                f"{relative.as_posix()} has no tests/{relative.parent}/test_{relative.name}"
            )
    assert not lost, "\n".join(lost)


def loaded_after(code: str) -> set[str]:
    """Top-level packages in ``sys.modules`` of a fresh Python that ran some code."""
    script = f"import sys\n{code}\nsys.stderr.write('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


HEAVY = {"torch", "numba", "awkward", "matplotlib", "lightning", "sklearn", "pyarrow", "pandas"}


def test_help_is_light() -> None:
    loaded = loaded_after("from hepvision.cli import main\nmain(['--help'])")
    assert "typer" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("command", names.names("commands"))
def test_help_of_a_command_is_light(command: str) -> None:
    loaded = loaded_after(f"from hepvision.cli import main\nmain(['{command}', '--help'])")
    assert not loaded & HEAVY


def test_core_works_without_the_extras() -> None:
    """Everything below the networks can be imported where no extra is installed."""
    modules = [
        ".".join(["hepvision", *path.relative_to(SOURCE).with_suffix("").parts])
        for path in files()
        if (here := folder(path)) is not None and LAYERS[here] < TORCH_FROM
        if path.stem != "__init__"
    ]
    refuse = f"refused = {sorted(names.EXTRAS)!r}\n" + (
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in refused:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
    )
    loaded = loaded_after(refuse + "\n".join(f"import {module}" for module in modules))
    assert not loaded & set(names.EXTRAS)

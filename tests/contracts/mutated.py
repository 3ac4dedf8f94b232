"""Reads files that were changed at random, in a process of its own with bounds on memory and time.

``python tests/contracts/mutated.py ispy sample.ig 17`` makes mutation 17 of a file and says what
came of it; the test hands over many on standard input.
"""

from __future__ import annotations

import faulthandler
import gzip
import io
import json
import re
import resource
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hepvision.core.errors import UserError
from hepvision.core.names import load
from hepvision.events.schema import check

sys.path.insert(0, str(Path(__file__).resolve().parent))
from layouts import change_layout

__all__ = ["mutate", "outcome"]

SECONDS = 60  # for one file; a hang ends the process
EVERY = 4  # the layout is changed in place of the bytes, where a file has one
MEMORY = 2 << 30  # bytes, beyond what the imports take
NUMBER = re.compile(rb"-?\d+\.?\d*(?:[eE][-+]?\d+)?")
ODD = (b"nan", b"-inf", b"1e400", b"-1", b"99999999999999999999", b"", b"x", b"[[", b"null", b"0")


def _cut(content: bytes, rng: np.random.Generator, most: int) -> tuple[int, int]:
    """Start and length of a block: anywhere, or near an end, where formats keep their tables."""
    length = int(rng.integers(1, max(2, min(most, len(content) // 2))))
    start = int(rng.integers(0, max(1, len(content) - length)))
    end = min(len(content), 4096)
    where = rng.random()
    if where < 0.25:
        start = int(rng.integers(0, end))
    elif where < 0.5:
        start = len(content) - 1 - int(rng.integers(0, end))
    return start, length


def _truncate(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: _cut(content, rng, 2)[0]]


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        changed[_cut(content, rng, 2)[0]] ^= 1 << int(rng.integers(0, 8))
    return bytes(changed)


def _insert(content: bytes, rng: np.random.Generator) -> bytes:
    start, length = _cut(content, rng, 64)
    return content[:start] + rng.bytes(length) + content[start:]


def _delete(content: bytes, rng: np.random.Generator) -> bytes:
    start, length = _cut(content, rng, 512)
    return content[:start] + content[start + length :]


def _zero(content: bytes, rng: np.random.Generator) -> bytes:
    start, length = _cut(content, rng, 4096)
    return content[:start] + bytes(len(content[start : start + length])) + content[start + length :]


def _ones(content: bytes, rng: np.random.Generator) -> bytes:
    start, length = _cut(content, rng, 16)
    ones = b"\xff" * len(content[start : start + length])
    return content[:start] + ones + content[start + length :]


def _swap(content: bytes, rng: np.random.Generator) -> bytes:
    start, length = _cut(content, rng, 2048)
    middle, end = start + length, start + 2 * length
    return content[:start] + content[middle:end] + content[start:middle] + content[end:]


def _repeat(content: bytes, rng: np.random.Generator) -> bytes:
    start, length = _cut(content, rng, 2048)
    return content[: start + length] + content[start:]


def _number(content: bytes, rng: np.random.Generator) -> bytes:
    """Of a text, one number that is none any more."""
    start = _cut(content, rng, 2)[0]
    found = NUMBER.search(content, start) or NUMBER.search(content)
    if found is None or b"\0" in content[:4096]:
        return _flip(content, rng)
    odd = ODD[int(rng.integers(0, len(ODD)))]
    return content[: found.start()] + odd + content[found.end() :]


KINDS: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    _truncate,
    _flip,
    _insert,
    _delete,
    _zero,
    _ones,
    _swap,
    _repeat,
    _number,
)


def _inside(content: bytes, change: Callable[[bytes], bytes], rng: np.random.Generator) -> bytes:
    """Change what is packed, and pack it again, so that no checksum tells."""
    if content[:2] == b"\x1f\x8b":
        return gzip.compress(change(gzip.decompress(content)), 1)
    if content[:1] == b"\x78" and int.from_bytes(content[:2], "big") % 31 == 0:
        return zlib.compress(change(zlib.decompress(content)), 1)
    if content[:4] != b"PK\x03\x04":
        return change(content)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", 8) as new:
        infos = old.infolist()
        chosen = int(rng.integers(0, len(infos)))
        for k, info in enumerate(infos):
            member = old.read(info)
            new.writestr(info.filename, change(member) if k == chosen and member else member)
    return made.getvalue()


def mutate(name: str, content: bytes, number: int) -> tuple[str, bytes]:
    """Kind and result of a mutation; the same for the same number."""
    rng = np.random.default_rng([number, zlib.crc32(name.encode())])
    kind = KINDS[number % len(KINDS)]
    if rng.random() < 0.5:
        return f"{kind.__name__[1:]} inside", _inside(content, lambda one: kind(one, rng), rng)
    return kind.__name__[1:], kind(content, rng)


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def outcome(name: str, path: Path, events: int, cut: bool) -> str:
    """``events``, ``refused``, or what went wrong, after ``WRONG``."""
    reader = load("readers", name)()
    beside = [one.name for one in path.parent.iterdir()]
    try:
        if not isinstance(reader.recognises(path), bool):
            return "WRONG recognises gives no bool"
        number = sum(len(check(piece)) for piece in reader.stream(path, 100))
        counted, read = reader.count(path), len(reader.read(path))
    except UserError as error:
        text = str(error)
        if "\n" in text or len(text) > 600 or not text.isprintable():
            return f"WRONG not one line: {text!r}"
        if not any(one in text for one in beside):
            return f"WRONG no file named: {text!r}"
        if any(isinstance(one, MemoryError) for one in _causes(error)):
            return f"WRONG too much memory: {text!r}"
        return f"refused {text}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return f"WRONG {type(error).__name__}: {str(error)[:300]!r}"
    if not number == counted == read:
        return f"WRONG {number} streamed, {counted} counted, {read} read"
    if cut and number < events:
        return f"WRONG a silent part: {number} of {events} events"
    return "events"


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _one(name: str, sample: Path, number: int, events: int) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(sample.parent.iterdir())
        for file in files:
            (Path(folder) / file.name).write_bytes(file.read_bytes())
        # mostly the file itself, else one that belongs to it
        which = sample if number % 4 or len(files) == 1 else files[number // 4 % len(files)]
        changed, kind = Path(folder) / which.name, ""
        if number % EVERY == EVERY - 1:
            kind = change_layout(changed, np.random.default_rng(number))
        if not kind:
            kind, content = mutate(name, which.read_bytes(), number)
            changed.write_bytes(content)
        cut = kind.startswith("truncate")
        return f"{kind} {which.name}", outcome(name, Path(folder) / sample.name, events, cut)


def _main() -> None:
    if len(sys.argv) > 1:
        name, sample, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
        jobs = [[name, str(sample), number]]
    else:
        jobs = json.load(sys.stdin)
    counts = {}
    for name, sample, _ in jobs:
        if sample not in counts:  # also imports and compiles before the limits hold
            counts[sample] = len(load("readers", name)().read(sample))
    _limit()
    for name, sample, number in jobs:
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        sys.stdout.write(json.dumps([name, number]) + "\n")
        sys.stdout.flush()
        kind, said = _one(name, Path(sample), number, counts[sample])
        sys.stdout.write(json.dumps([name, number, kind, said]) + "\n")
        sys.stdout.flush()
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    _main()

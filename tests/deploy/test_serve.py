"""A server that an existing client talks to, that holds a crowd, and that lives whatever comes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Dense, Ragged
from hepvision.deploy._engine import Engine, engine_of
from hepvision.deploy._kserve import TensorSpec
from hepvision.deploy.bundle import Bundle, load_bundle, save_bundle
from hepvision.deploy.onnx import export
from hepvision.deploy.serve import application, serve
from hepvision.models.energy_flow import EnergyFlow
from hepvision.representations._together import spec_of
from hepvision.representations.particles import Particles
from hepvision.tasks.classification import Classification
from toy_bundle import toy_bundle

client = pytest.importorskip("tritonclient.http")
RNG = np.random.default_rng(3)
#: What the toy bundle reads.
INPUT = "momenta.vector"
#: Where Triton's clients say how many bytes of a body are JSON.
HEADER = "Inference-Header-Content-Length"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_bundle(tmp_path_factory.mktemp("served") / "bundle")


@pytest.fixture(scope="module")
def address(bundle: Path) -> Iterator[str]:
    """A server in a process of its own; it must end well at SIGTERM."""
    words = [sys.executable, "-m", "hepvision", "serve", str(bundle), "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line.split("http://")[1].split("/")[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def momenta(number: int) -> np.ndarray:
    return RNG.normal(0, 1, (number, 5)).astype(np.float32)


def body(values: np.ndarray, **changes: Any) -> bytes:
    one = {"name": INPUT, "datatype": "FP32", "shape": list(values.shape)}
    one |= {"data": values.reshape(-1).tolist()}
    return json.dumps({"inputs": [one | changes]}).encode()


def test_tritons_client_gets_the_scores_of_the_bundle(address: str, bundle: Path) -> None:
    triton = client.InferenceServerClient(address)
    assert triton.is_server_live() and triton.is_server_ready()
    assert triton.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    name = model_of(bundle)
    assert triton.is_model_ready(name)
    about = triton.get_model_metadata(name)
    assert about["inputs"] == [{"name": INPUT, "datatype": "FP32", "shape": [-1, 5]}]
    values = momenta(5)
    wanted = load_bundle(bundle).scores_of({INPUT: Dense(values)})
    for binary in (True, False):
        given = client.InferInput(INPUT, list(values.shape), "FP32")
        given.set_data_from_numpy(values, binary_data=binary)
        asked = [client.InferRequestedOutput("scores", binary_data=binary)]
        for outputs in (None, asked):
            found = triton.infer(name, [given], outputs=outputs, request_id="mine")
            np.testing.assert_allclose(found.as_numpy("scores"), wanted, atol=1e-6)
            assert found.get_response()["id"] == "mine"
    none = client.InferInput(INPUT, [0, 5], "FP32")
    none.set_data_from_numpy(values[:0])
    assert triton.infer(name, [none]).as_numpy("scores").shape == (0, 2)


def model_of(bundle: Path) -> str:
    return engine_of(bundle).name


def test_sets_are_sent_padded_with_a_mask(tmp_path: Path) -> None:
    particles, sizes = {"jet": Particles(most=6, parts=("features",))}, EnergyFlow()
    spec = spec_of(particles)
    made = Bundle(sizes.from_spec(spec, 2), sizes, particles, Classification())
    engine = engine_of(save_bundle(tmp_path / "jets", made))
    (part,) = spec
    values = RNG.normal(0, 1, (3, 4, spec[part].shape[1])).astype(np.float32)
    mask = np.array([[1, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]], bool)
    values[~mask] = np.nan
    found = engine.apply({part: values, f"{part}.mask": mask})["scores"]
    ragged = Ragged(np.array([0, 3, 3, 4]), values[mask])
    np.testing.assert_allclose(found, made.scores_of({part: ragged}), atol=1e-6)
    assert np.isfinite(found).all()
    with pytest.raises(ValueError, match=r"mask: shape must be \[3, 4\], got \[3, 3\]"):
        engine.apply({part: values, f"{part}.mask": mask[:, :3]})


def test_an_exported_file_answers_like_its_bundle(bundle: Path, tmp_path: Path) -> None:
    export(bundle, tmp_path / "momenta.onnx")
    engine, wanted = engine_of(tmp_path / "momenta.onnx"), engine_of(bundle)
    assert engine.name == "momenta"
    assert [one.as_dict() for one in engine.inputs] == [one.as_dict() for one in wanted.inputs]
    assert [one.as_dict() for one in engine.outputs] == [one.as_dict() for one in wanted.outputs]
    given = {INPUT: momenta(7)}
    np.testing.assert_allclose(
        engine.apply(given)["scores"], wanted.apply(given)["scores"], atol=1e-5
    )
    (tmp_path / "broken.onnx").write_bytes(b"no graph")
    with pytest.raises(CorruptFileError, match="broken.onnx: cannot be loaded"):
        engine_of(tmp_path / "broken.onnx")


def test_a_thousand_at_once(address: str, bundle: Path) -> None:
    values = momenta(1000)
    wanted = load_bundle(bundle).scores_of({INPUT: Dense(values)})
    url = f"http://{address}/v2/models/{model_of(bundle)}/infer"

    async def crowd() -> list[Any]:
        connections = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connections) as session:

            async def one(row: int) -> Any:
                async with session.post(url, data=body(values[row : row + 1])) as answer:
                    return answer.status, await answer.json()

            return await asyncio.gather(*map(one, range(1000)))

    found = asyncio.run(crowd())
    assert {status for status, _ in found} == {200}
    scores = [data["outputs"][0]["data"] for _, data in found]
    np.testing.assert_allclose(scores, wanted, atol=1e-6)


def fuzzed(number: int, seed: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Requests with bytes changed, cut, doubled, and with wrong headers; some are left whole."""
    rng = np.random.default_rng(seed)
    whole = body(momenta(3))
    raw = momenta(2).tobytes()
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": INPUT,
                    "datatype": "FP32",
                    "shape": [2, 5],
                    "parameters": {"binary_data_size": len(raw)},
                }
            ]
        }
    ).encode()
    for _ in range(number):
        binary = rng.random() < 0.5
        data = bytearray(head + raw if binary else whole)
        headers = {HEADER: str(len(head))} if binary else {}
        kind = rng.integers(6)
        if kind == 0:
            del data[int(rng.integers(len(data))) :]
        elif kind < 4:
            for place in rng.integers(0, len(data), kind * 2):
                data[place] = rng.integers(256)
        elif kind == 4:
            headers[HEADER] = str(rng.choice(["-1", "abc", "99999999999999999999", "3"]))
        yield bytes(data), headers


def assert_lives_through(address: str, bundle: Path, number: int) -> None:
    url = f"http://{address}/v2/models/{model_of(bundle)}/infer"
    found: dict[int, int] = {}

    async def stream() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)) as session:

            async def one(data: bytes, headers: dict[str, str]) -> None:
                async with session.post(url, data=data, headers=headers) as answer:
                    told = await answer.read()
                    found[answer.status] = found.get(answer.status, 0) + 1
                    if answer.status != 200:
                        assert json.loads(told)["error"].count("\n") == 0

            requests = list(fuzzed(number, seed=5))
            for start in range(0, number, 200):
                await asyncio.gather(*(one(*each) for each in requests[start : start + 200]))

    asyncio.run(stream())
    assert sum(found.values()) == number  # none is lost
    assert set(found) == {200, 400}
    assert found[200] > number / 10 and found[400] > number / 10
    test_tritons_client_gets_the_scores_of_the_bundle(address, bundle)


def test_garbage_is_refused_and_the_server_lives(address: str, bundle: Path) -> None:
    assert_lives_through(address, bundle, 1000)


@pytest.mark.slow
def test_ten_thousand_pieces_of_garbage(address: str, bundle: Path) -> None:
    assert_lives_through(address, bundle, 10_000)


def test_what_is_no_http_and_who_goes_away(address: str, bundle: Path) -> None:
    host, port = address.split(":")

    async def rude() -> None:
        for text in (b"\x00\xff" * 50, b"POST / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 20000):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(text)
            writer.close()
        for _ in range(20):
            _, writer = await asyncio.open_connection(host, int(port))
            head = f"POST /v2/models/{model_of(bundle)}/infer HTTP/1.1\r\nHost: a\r\n"
            writer.write(head.encode() + b"Content-Length: 5000\r\n\r\n{")
            writer.close()

    asyncio.run(rude())
    test_tritons_client_gets_the_scores_of_the_bundle(address, bundle)


def slow_engine(gate: threading.Event) -> Engine:
    def apply(tensors: Any) -> dict[str, np.ndarray]:
        gate.wait(20)
        if (tensors["x"] > 100).any():
            raise ValueError("x: must be small")
        if (tensors["x"] < -100).any():
            raise RuntimeError("a fault of the model")
        return {"y": 2 * tensors["x"]}

    x, y = TensorSpec("x", "FP32", (-1,)), TensorSpec("y", "FP32", (-1,))
    return Engine("twice", "hepvision", (x,), (y,), apply)


def ask(values: list[float]) -> dict[str, Any]:
    one = {"name": "x", "datatype": "FP32", "shape": [len(values)], "data": values}
    return {"inputs": [one]}


def served(app: Any, act: Any) -> Any:
    """Run an application and what is done with it, in one loop."""
    from aiohttp.test_utils import TestClient, TestServer

    async def all_of_it() -> Any:
        async with TestClient(TestServer(app)) as session:
            return await act(session)

    return asyncio.run(all_of_it())


def test_too_many_are_turned_away_and_nobody_pays_for_another() -> None:
    gate = threading.Event()
    app = application(slow_engine(gate), batch=100, waiting=3)

    async def act(session: Any) -> Any:
        async def one(value: float) -> tuple[int, Any]:
            async with session.post("/v2/models/twice/infer", json=ask([value])) as answer:
                return answer.status, await answer.json()

        first = asyncio.create_task(one(0.0))  # the model is busy with it
        await asyncio.sleep(0.3)
        later = [asyncio.create_task(one(value)) for value in (1.0, 200.0, -200.0)]
        await asyncio.sleep(0.3)
        turned = await one(4.0)
        gate.set()
        return [await first, *[await each for each in later], turned, await one(5.0)]

    found = served(app, act)
    assert [status for status, _ in found] == [200, 200, 400, 500, 429, 200]
    assert found[1][1]["outputs"][0]["data"] == [2.0]
    assert found[2][1]["error"] == "x: must be small"
    assert found[5][1]["outputs"][0]["data"] == [10.0]


def test_what_is_too_large_unknown_or_not_asked_for_so() -> None:
    gate = threading.Event()
    gate.set()
    app = application(slow_engine(gate), largest=1000)

    async def act(session: Any) -> Any:
        model = "/v2/models/twice"
        found = []
        for data in (ask([1.0] * 1000), ask([1.0])):
            async with session.post(f"{model}/infer", json=data) as answer:
                found.append(answer.status)
        for path in (f"{model}/infer", "/v2/models/other", f"{model}/versions/1", "/v1"):
            async with session.get(path) as answer:
                found.append(answer.status)
        return found

    assert served(app, act) == [413, 200, 405, 404, 200, 404]


def test_numbers_that_cannot_be() -> None:
    for key in ("threads", "batch", "waiting", "largest"):
        with pytest.raises(ValueError, match=f"{key}: must be positive, got 0"):
            serve("nowhere", **{key: 0})  # type: ignore[arg-type]

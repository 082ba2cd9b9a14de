"""One sandbox for the tests of this folder, emptied before each; and a plain client for each vendor."""

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from sandbox.options import Options
from sandbox.server import running

Json = dict[str, Any]
FAL = "sandbox-fal:secret"
ENDS_WITHIN = 0.02  # how often a listener looks whether its test is over
T2I = "fal-ai/kling-image/o3/text-to-image"
I2I = "fal-ai/kling-image/o3/image-to-image"


def picture(width: int = 640, height: int = 480, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (90, 60, 40)).save(out, kind)
    return out.getvalue()


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def until[Value](look: Callable[[], Value | None], seconds: float = 5.0) -> Value:
    """What `look` finds as soon as it finds anything."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        found = look()
        if found:
            return found
        sleep(0.01)
    raise AssertionError("Nothing came of it.")


@dataclass
class Sandbox:
    """The sandbox seen from outside: `http` knows no key, the others one of each vendor."""

    base: str
    http: httpx.Client

    def control(self, path: str, body: object = None) -> Json:
        answer = self.http.request("GET" if body is None else "POST", f"{self.base}/_/{path}", json=body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def fault(self, **rule: object) -> None:
        self.control("faults", rule)

    def bill(self) -> list[Json]:
        lines: list[Json] = self.control("bill")["lines"]
        return lines

    def fal(self, method: str, path: str, **request) -> httpx.Response:
        url = path if path.startswith("http") else f"{self.base}/fal/{path}"
        headers = {"Authorization": f"Key {FAL}", **request.pop("headers", {})}
        return self.http.request(method, url, headers=headers, **request)

    def fal_submit(self, endpoint: str = T2I, query: str = "", **body: object) -> httpx.Response:
        return self.fal("POST", f"queue/{endpoint}{query}", json={"prompt": "A pier at dawn.", **body})

    def fal_ended(self, submitted: Json) -> Json:
        def look() -> Json | None:
            answer = self.fal("GET", submitted["status_url"])
            return answer.json() if answer.status_code == 200 else None

        return until(look)

    def fal_upload(self, data: bytes, name: str = "photo.png", kind: str = "image/png") -> str:
        wish = {"file_name": name, "content_type": kind}
        made = self.fal("POST", "rest/storage/upload/initiate?storage_type=fal-cdn-v3", json=wish).json()
        self.http.put(made["upload_url"], content=data, headers={"Content-Type": kind})
        return str(made["file_url"])

    def runware(self, *tasks: Json, key: str = "sandbox-runware") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.http.post(f"{self.base}/runware/v1", json=list(tasks), headers=headers)

    def runware_results(self, name: str) -> list[Json]:
        def look() -> list[Json] | None:
            answer = self.runware({"taskType": "getResponse", "taskUUID": name}).json()
            items = answer.get("data", []) + answer.get("errors", [])
            return None if any(item.get("status") == "processing" for item in items) else items

        return until(look)

    def kling(self, method: str, path: str, key: str = "sandbox-kling", **request) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return self.http.request(method, f"{self.base}/kling{path}", headers=headers, **request)

    def kling_create(self, path: str = "/v1/images/omni-image", **body: object) -> httpx.Response:
        usual = {"model_name": "kling-v3-omni", "prompt": "A pier at dawn.", "aspect_ratio": "16:9"}
        return self.kling("POST", path, json={**usual, **body})

    def kling_ended(self, task: str, path: str = "/v1/images/omni-image") -> Json:
        def look() -> Json | None:
            data = self.kling("GET", f"{path}/{task}").json()["data"]
            return data if data["task_status"] in ("succeed", "failed") else None

        return until(look)


def inference(**values: object) -> Json:
    """An imageInference task as the studio would write it."""
    usual = {
        "taskType": "imageInference",
        "taskUUID": str(uuid4()),
        "model": "klingai:kling-image@o3",
        "positivePrompt": "A pier at dawn.",
        "width": 1360,
        "height": 768,
        "deliveryMethod": "async",
        "includeCost": True,
    }
    return {**usual, **values}


@pytest.fixture(scope="session")
def _served() -> Iterator[Sandbox]:
    options = Options(queue_seconds=0.005, run_seconds=0.02, hook_retry_seconds=0.02)
    # One client: reading certificates takes longer than any answer here.
    with running(options) as base, httpx.Client(trust_env=False, verify=False, timeout=10) as http:
        yield Sandbox(base, http)


@pytest.fixture
def box(_served: Sandbox) -> Sandbox:
    _served.control("reset", {})
    return _served


@dataclass
class Heard:
    """A webhook as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found


class Listener:
    """Somebody with a webhook address; `statuses` are its next answers, 200 when there are none."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.statuses: list[int] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.heard.append(Heard(self.path, dict(self.headers), body, monotonic()))
                self.send_response(owner.statuses.pop(0) if owner.statuses else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    thread = threading.Thread(target=found.server.serve_forever, args=(ENDS_WITHIN,), daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()

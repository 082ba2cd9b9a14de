"""Run in an environment with fal's own client: `fal_flow.py BASE` prints what happened as JSON."""

import json
import sys

import fal_client  # type: ignore[import-not-found]
from fal_client import client as constants

BASE = sys.argv[1]
TEXT = "fal-ai/kling-image/o3/text-to-image"
IMAGE = "fal-ai/kling-image/o3/image-to-image"
PICTURE = bytes.fromhex(sys.argv[2])

constants.RUN_URL_FORMAT = f"{BASE}/fal/run/"
constants.QUEUE_URL_FORMAT = f"{BASE}/fal/queue/"
constants.REST_URL = f"{BASE}/fal/rest"
constants.CDN_URL = f"{BASE}/fal/cdn"
constants.BASE_DELAY = 0.001

client = fal_client.SyncClient(key="sandbox-fal:secret")


def error_of(arguments: dict[str, object]) -> dict[str, object]:
    handle = client.submit(TEXT, arguments=arguments)
    try:
        handle.get()
    except fal_client.FalClientHTTPError as error:
        return {"status": error.status_code, "type": error.response.json()["detail"][0]["type"]}
    return {}


def cancelled() -> list[object]:
    """Ask for two where one may run: the second waits and is taken back."""
    client.submit(TEXT, arguments={"prompt": "slow"})
    handle = client.submit(TEXT, arguments={"prompt": "waits"})
    handle.cancel()
    for _ in handle.iter_events(interval=0.01):
        pass
    try:
        handle.get()
    except fal_client.FalClientHTTPError as error:
        return [error.status_code, error.response.json()["error_type"]]
    return []


handle = client.submit(TEXT, arguments={"prompt": "A pier."}, headers={"X-Fal-No-Retry": "1"})
events = [type(event).__name__ for event in handle.iter_events(with_logs=True, interval=0.01)]
result = handle.get()
uploads = [
    client.upload(PICTURE, "image/png", "a.png"),
    client.upload(PICTURE, "image/png", "b.png", repository="fal"),
]
report = {
    "events": events,
    "request": handle.request_id,
    "status": type(client.status(TEXT, handle.request_id)).__name__,
    "images": len(result["images"]),
    "edited": len(client.subscribe(IMAGE, arguments={"prompt": "x", "image_urls": uploads})["images"]),
    "direct": len(client.run(TEXT, arguments={"prompt": "x", "num_images": 2})["images"]),
    "error": error_of({"prompt": "x", "resolution": "9K"}),
    "uploads": uploads,
    "cancelled": cancelled(),
}
try:
    fal_client.SyncClient(key="wrong:key").submit(TEXT, arguments={"prompt": "x"})
except fal_client.FalClientHTTPError as error:
    report["key"] = error.status_code
print(json.dumps(report))  # noqa: T201 - read by the test

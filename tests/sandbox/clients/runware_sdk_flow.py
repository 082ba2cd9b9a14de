"""Run in an environment with runware-sdk: `runware_sdk_flow.py BASE rest|websocket` prints JSON."""

import asyncio
import json
import sys
from typing import Any

from runware import Runware, RunwareError  # type: ignore[import-not-found]

BASE, TRANSPORT, PICTURE = sys.argv[1:4]
TASK = {
    "taskType": "imageInference",
    "model": "klingai:kling-image@o3",
    "positivePrompt": "A pier.",
    "width": 1360,
    "height": 768,
    "includeCost": True,
}


def client(key: str) -> Any:
    return Runware(
        api_key=key,
        transport=TRANSPORT,
        http_base_url=f"{BASE}/runware/v1",
        ws_base_url=f"{BASE.replace('http', 'ws', 1)}/runware/v1",
        retry_delay=1,
    )


async def refused(found: Any, task: dict[str, object]) -> str:
    try:
        await found.run(task)
    except RunwareError as error:
        return str(error.code)
    return ""


async def main() -> None:
    async with client("sandbox-runware") as found:
        results = await found.run({**TASK, "numberResults": 3, "deliveryMethod": "async"})
        waited = await found.run({**TASK, "deliveryMethod": "sync"})
        name = results[0]["taskUUID"]
        account = {"taskType": "accountManagement", "operation": "getDetails"}
        media = {"taskType": "mediaStorage", "operation": "upload", "media": PICTURE}
        stored = (await found.media_storage(media))[0]["mediaUUID"]
        source = {"inputs": {"referenceImages": [stored]}, "deliveryMethod": "async"}
        report = {
            "images": [item["imageUUID"] for item in results],
            "costs": [item["cost"] for item in results],
            "waited": len(waited),
            "again": len(await found.get_response({"taskType": "getResponse", "taskUUID": name})),
            "balance": (await found.account_management(account))[0]["balance"],
            "edited": len(await found.run({**TASK, **source})),
            "conflict": await refused(found, {**TASK, "taskUUID": name, "deliveryMethod": "async"}),
            "failed": await refused(found, {**TASK, "positivePrompt": "fails", "deliveryMethod": "async"}),
        }
    try:
        async with client("wrong") as stranger:
            report["key"] = await refused(stranger, {**TASK, "deliveryMethod": "async"})
    except RunwareError as error:
        report["key"] = str(error.code)
    print(json.dumps(report))  # noqa: T201 - read by the test


asyncio.run(main())

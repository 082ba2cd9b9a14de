"""Run in an environment with the older runware client, which speaks over a WebSocket only."""

import asyncio
import json
import sys
from pathlib import Path

from runware import IImageInference, Runware  # type: ignore[import-not-found]

BASE, PICTURE = sys.argv[1:3]


def request(prompt: str, number: int) -> object:
    return IImageInference(
        positivePrompt=prompt,
        model="klingai:kling-image@o3",
        width=1360,
        height=768,
        numberResults=number,
        includeCost=True,
        outputFormat="PNG",
    )


async def main() -> None:
    client = Runware(api_key="sandbox-runware", url=f"{BASE.replace('http', 'ws', 1)}/runware/v1")
    await client.connect()
    images = await client.imageInference(requestImage=request("A pier.", 2))
    uploaded = await client.uploadImage(Path(PICTURE))
    try:
        await client.imageInference(requestImage=request("fails", 1))
        failure = ""
    except Exception as error:  # noqa: BLE001 - its errors have no common class
        failure = str(error)
    report = {
        "images": [image.imageURL for image in images],
        "costs": [image.cost for image in images],
        "uploaded": uploaded.imageUUID,
        "failure": failure,
    }
    await client.disconnect()
    print(json.dumps(report), flush=True)  # noqa: T201 - read by the test


asyncio.run(main())

"""fal's webhook: one message when the request has ended."""

from uuid import uuid4

from sandbox.answers import compact
from sandbox.fal import access, signing
from sandbox.fal.queue import ending
from sandbox.faults import find
from sandbox.hooks import Message, Stamp
from sandbox.jobs import Job
from sandbox.world import World


def messages(world: World, job: Job) -> list[Message]:
    if not job.is_ended:
        return []
    status, payload, _ = ending(job)
    gateway = str(uuid4()) if find(job.strikes, "hook-gateway") else job.task
    told = {"request_id": job.task, "gateway_request_id": gateway}
    told |= (
        {"status": "OK"} if status == 200 else {"status": "ERROR", "error": f"Invalid status code: {status}"}
    )
    body = compact({**told, "payload": payload})

    def signed(stamp: Stamp) -> dict[str, str]:
        user = access.user_id("a stranger" if stamp.stranger else job.account.name)
        found = signing.headers(job.task, user, stamp.time, body, forged=stamp.forged)
        return {} if stamp.unsigned else found

    return [Message(body, signed)]

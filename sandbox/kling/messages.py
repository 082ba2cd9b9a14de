"""Kling's callbacks: one for every step, signed once a secret was made."""

from sandbox.answers import compact
from sandbox.hooks import Message, Stamp
from sandbox.jobs import Job
from sandbox.kling import signing, tasks
from sandbox.world import World


def messages(world: World, job: Job) -> list[Message]:
    body = compact(tasks.full(world, job, in_callback=True))
    name = f"{job.task}-{tasks.status(job)}"

    def signed(stamp: Stamp) -> dict[str, str]:
        if stamp.unsigned or not job.account.signed:
            return {}
        return signing.headers(name, stamp.time, body, forged=stamp.forged or stamp.stranger)

    return [Message(body, signed)]

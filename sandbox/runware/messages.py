"""Runware's webhooks: one unsigned message for every result and every failure."""

from sandbox.answers import compact
from sandbox.hooks import Message
from sandbox.jobs import Job
from sandbox.runware.tasks import failures, item
from sandbox.world import World


def messages(world: World, job: Job) -> list[Message]:
    if not job.is_ended:
        return []
    bodies = [{"data": [item(job, place)]} for place in range(len(job.links))]
    bodies += [{"errors": [failure]} for failure in failures(job)]
    return [Message(compact(body), lambda stamp: {}) for body in bodies]

"""Runware's webhooks: one unsigned message for every result, or one about the failure."""

from sandbox.answers import compact
from sandbox.hooks import Message
from sandbox.jobs import Job
from sandbox.runware.tasks import failures, item
from sandbox.world import World


def messages(world: World, job: Job) -> list[Message]:
    if job.state == "failed":
        return [Message(compact({"errors": failures(job)}), lambda stamp: {})]
    found = [item(job, place) for place in range(len(job.links))] if job.state == "done" else []
    return [Message(compact({"data": [entry]}), lambda stamp: {}) for entry in found]

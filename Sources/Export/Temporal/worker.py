"""Runs the shards of a fleet for Temporal: one activity is one `slipway fleet deploy`.

usage: worker.py --repository URL [--address HOST:PORT] [--namespace NAME] [--results FOLDER]

It takes the jobs whose keys it has in its environment, so that each key can stay on machines of its own. The repository is
cloned for every job, with the credentials that git has here.
"""

import argparse
import asyncio
import json
import os
import signal
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

# Unreachable and busy: what was deployed already is found again.
RETRIED = (69, 75)
# How often those are tried; a worker that vanished is replaced as often as needed.
ATTEMPTS = 3


@dataclass
class Task:
    run: str
    file: str
    folder: str
    wave: str
    shard: str
    sha: str
    ref: str
    heartbeat: float


@dataclass
class Order:
    """What start.py asks for."""

    fleet: dict
    sha: str
    ref: str = ""
    heartbeat: float = 30


@dataclass
class Outcome:
    """How a fleet ended: the code of `slipway fleet deploy` in one process, and the wave that stopped it."""

    exit_code: int = 0
    stopped_by: str = ""
    shards: dict[str, int] = field(default_factory=dict)


class Machine:
    """What the activities of this worker use."""

    def __init__(self, repository, results):
        self.repository, self.results = repository, os.path.abspath(results)

    @activity.defn
    async def deploy_shard(self, task: Task) -> dict:
        place = os.path.join(self.results, task.run, f"{task.wave}-{task.shard.replace('/', '-of-')}")
        os.makedirs(place, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="slipway-") as folder:
            code = await run("git", "clone", "--quiet", "--no-checkout", "--", self.repository, folder, beat=task.heartbeat)
            code = code or await run("git", "-C", folder, "checkout", "--quiet", "--detach", task.sha, beat=task.heartbeat)
            if code:
                raise ApplicationError(f"cannot check out {task.sha}: git exited with {code}", type="GitFailed",
                                       non_retryable=activity.info().attempt >= ATTEMPTS)
            report = os.path.join(place, "report.json")
            words = ["slipway", "fleet", "deploy", task.file, "--wave", task.wave, "--shard", task.shard, "--gate",
                     "--state-dir", os.path.join(place, "state"), "--sha", task.sha, "--json", report]
            words += ["--ref", task.ref] if task.ref else []
            code = await run(*words, cwd=os.path.join(folder, task.folder), beat=task.heartbeat)
        if code in RETRIED and activity.info().attempt < ATTEMPTS:
            raise ApplicationError(f"slipway exited with {code}", type="Retry")
        return {"code": code, "run_code": run_code(report, code)}

    @activity.defn
    async def report(self, run_id: str) -> str:
        """Merges the journals of the shards that ran here, or on machines with the same results folder."""
        place = os.path.join(self.results, run_id)
        journals = sorted(os.path.join(folder, "journal.jsonl") for folder, _, files in os.walk(place)
                          if "journal.jsonl" in files)
        if not journals:
            return ""
        page = os.path.join(place, "report.html")
        await run("slipway", "report", *journals, "--html", page, "--junit", os.path.join(place, "junit.xml"),
                  "--json", os.path.join(place, "report.json"), beat=30)
        return page


def run_code(report, code):
    """The code of the run, of which the job's own may hide failures within max-failures."""
    try:
        with open(report, encoding="utf-8") as file:
            return int(json.load(file)["exit_code"])
    except (OSError, ValueError, KeyError):
        return code


async def run(*words, cwd=None, beat):
    """The exit code of a program. It is interrupted and waited for when the activity is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *words, cwd=cwd, stdin=asyncio.subprocess.DEVNULL, start_new_session=True)
    try:
        while True:
            activity.heartbeat()
            try:
                return await asyncio.wait_for(asyncio.shield(process.wait()), beat / 3)
            except asyncio.TimeoutError:
                continue
    except asyncio.CancelledError:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()
        raise


@workflow.defn
class FleetWorkflow:
    """The waves in order; all shards of a wave end before the next one starts."""

    def __init__(self):
        self.approved = set()
        self.waiting_for = ""

    @workflow.signal
    def approve(self, wave: str) -> None:
        self.approved.add(wave)

    @workflow.query
    def waits_for_approval_of(self) -> str:
        return self.waiting_for

    @workflow.run
    async def run(self, order: Order) -> Outcome:
        outcome = Outcome()
        codes = []
        for wave in order.fleet["waves"]:
            if wave["approval"]:
                self.waiting_for = wave["name"]
                await workflow.wait_condition(lambda: wave["name"] in self.approved)
                self.waiting_for = ""
            ended = await self.deploy(order, wave)
            for shard, result in ended.items():
                outcome.shards[f"{wave['name']} {shard}"] = result["run_code"]
                codes.append(result["run_code"])
            if any(result["code"] for result in ended.values()):
                outcome.stopped_by = wave["name"]
                break
        outcome.exit_code = 3 if 3 in codes else next((code for code in codes if code), 0)
        await self.report(order)
        return outcome

    async def deploy(self, order: Order, wave: dict) -> dict[str, dict]:
        # Fewer activities are pending at a time than Temporal allows.
        room = asyncio.Semaphore(order.fleet["pending"])

        async def one(number):
            shard = f"{number}/{wave['shards']}"
            async with room:
                try:
                    return shard, await self.deploy_shard(order, wave, shard)
                except ActivityError as error:
                    workflow.logger.error("shard %s of %s: %s", shard, wave["name"], error.cause)
                    return shard, {"code": 1, "run_code": 1}

        return dict(await asyncio.gather(*(one(number) for number in range(1, wave["shards"] + 1))))

    async def deploy_shard(self, order: Order, wave: dict, shard: str) -> dict:
        info = workflow.info()
        task = Task(f"{info.workflow_id}-{info.run_id}", order.fleet["file"], order.fleet["folder"], wave["name"], shard,
                    order.sha, order.ref, order.heartbeat)
        return await workflow.execute_activity_method(
            Machine.deploy_shard, task, task_queue=wave["queue"],
            start_to_close_timeout=timedelta(seconds=wave["timeout"]),
            heartbeat_timeout=timedelta(seconds=order.heartbeat),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)))

    async def report(self, order: Order) -> None:
        info = workflow.info()
        try:
            await workflow.execute_activity_method(
                Machine.report, f"{info.workflow_id}-{info.run_id}", task_queue=order.fleet["queue"],
                start_to_close_timeout=timedelta(minutes=15), retry_policy=RetryPolicy(maximum_attempts=3))
        except ActivityError as error:
            # The outcome is known without it.
            workflow.logger.error("report: %s", error.cause)


def load_fleet():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "fleet.json"), encoding="utf-8") as file:
        return json.load(file)


def has(variable):
    return bool(os.environ.get(variable) or os.environ.get(variable + "_FILE"))


async def main():
    parser = argparse.ArgumentParser(description="Runs the shards of a fleet for Temporal.")
    parser.add_argument("--repository", required=True, help="URL or path of the repository with the file of targets")
    parser.add_argument("--address", default="localhost:7233")
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--results", default="slipway-results", help="folder for journals and reports")
    parser.add_argument("--jobs", type=int, default=20, help="how many jobs run here at a time")
    options = parser.parse_args()
    fleet = load_fleet()
    client = await Client.connect(options.address, namespace=options.namespace)
    machine = Machine(options.repository, options.results)
    queues = {wave["queue"]: wave["keys"] for wave in fleet["waves"]}
    mine = [queue for queue, keys in sorted(queues.items()) if all(map(has, keys))]
    workers = [Worker(client, task_queue=fleet["queue"], workflows=[FleetWorkflow], activities=[machine.report])]
    workers += [Worker(client, task_queue=queue, activities=[machine.deploy_shard],
                       max_concurrent_activities=options.jobs) for queue in mine]
    print("queues: " + ", ".join([fleet["queue"], *mine]), flush=True)
    await asyncio.gather(*(worker.run() for worker in workers))


if __name__ == "__main__":
    asyncio.run(main())

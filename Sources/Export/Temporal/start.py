"""Starts the deploy of a fleet in Temporal, waits for it and exits with its code; or approves a wave of it.

usage: start.py run --sha SHA [--ref REF] | start.py approve WAVE   [--address HOST:PORT] [--namespace NAME] [--id ID]
"""

import argparse
import asyncio
import os
import sys

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from worker import FleetWorkflow, Order, load_fleet


async def main():
    fleet = load_fleet()
    parser = argparse.ArgumentParser(description="Starts the deploy of a fleet in Temporal, or approves a wave of it.")
    parser.add_argument("--address", default="localhost:7233")
    parser.add_argument("--namespace", default="default")
    # One workflow of an id runs at a time.
    parser.add_argument("--id", default=fleet["queue"])
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("run", help="deploy a commit and wait for the end")
    start.add_argument("--sha", required=True, help="the commit, in full")
    start.add_argument("--ref", default="", help="its branch, or refs/tags/NAME")
    start.add_argument("--heartbeat", type=float, default=30,
                       help="seconds after which a worker that is silent is taken for dead")
    approve = commands.add_parser("approve", help="let a wave start")
    approve.add_argument("wave")
    options = parser.parse_args()
    client = await Client.connect(options.address, namespace=options.namespace)
    if options.command == "approve":
        if options.wave not in [wave["name"] for wave in fleet["waves"]]:
            print(f"unknown wave: {options.wave}", file=sys.stderr)
            return 64
        await client.get_workflow_handle(options.id).signal(FleetWorkflow.approve, options.wave)
        return 0
    outcome = await client.execute_workflow(
        FleetWorkflow.run, Order(fleet, options.sha, options.ref, options.heartbeat), id=options.id,
        task_queue=fleet["queue"], id_conflict_policy=WorkflowIDConflictPolicy.FAIL)
    for shard, code in outcome.shards.items():
        print(f"{shard}: exit code {code}")
    if outcome.stopped_by:
        print(f"stopped by wave {outcome.stopped_by}")
    return outcome.exit_code


if __name__ == "__main__":
    code = asyncio.run(main())
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the client that end later must not change the code.
    os._exit(code)

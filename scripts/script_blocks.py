"""Writes the shell of GitHub's `run:` and GitLab's `script:` into files of their own, for shellcheck.

usage: script_blocks.py FOLDER FILE...
"""

import pathlib
import re
import sys

import ruamel.yaml


def blocks(node, inherited="bash"):
    """The scripts in a document, each with the shell that runs it."""
    if isinstance(node, list):
        for item in node:
            yield from blocks(item, inherited)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("run"), str):
        yield node.get("shell", inherited), node["run"]
    for key in ("before_script", "script", "after_script"):
        lines = node.get(key)
        if isinstance(lines, list):
            yield "sh", "\n".join(lines)
    for key, value in node.items():
        if key != "run":
            yield from blocks(value, inherited)


def main(folder, files):
    target = pathlib.Path(folder)
    target.mkdir(parents=True)
    count = 0
    for file in files:
        document = ruamel.yaml.YAML(typ="safe").load(pathlib.Path(file).read_text())
        for shell, text in blocks(document):
            count += 1
            name = re.sub(r"[^A-Za-z0-9]+", "-", file).strip("-")
            header = f"# shellcheck shell={shell}\n# From {file}.\n"
            # The action's scripts are sourced by a path that only the runner knows.
            header += "# shellcheck disable=SC1091,SC2154\n"
            (target / f"{name}-{count}.sh").write_text(header + text + "\n")
    if count == 0:
        sys.exit("script_blocks: no scripts found")


main(sys.argv[1], sys.argv[2:])

#!/usr/bin/env python3
"""Writes a wheel that holds one static program, as it is: no Python code, no dependency, any Linux.

usage: wheel.py PROGRAM VERSION MACHINE PREFIX FOLDER: PROGRAM as in PREFIX/bin, MACHINE as in linux-x86_64.
PREFIX/share is installed beside it. SOURCE_DATE_EPOCH dates the files: the same input gives the same wheel.
"""

import base64
import email.message
import email.policy
import hashlib
import os
import pathlib
import re
import sys
import time
import zipfile

# The index has another project called slipway.
DISTRIBUTIONS = {"slipway": "slipway-deploy", "slipway-control-plane": "slipway-control-plane"}
SUMMARIES = {
    "slipway": "Deploys a git commit to LangSmith, verifies that it is live, and rolls back on failure",
    "slipway-control-plane": "The local control plane of slipway: builds and runs a commit on this machine",
}
CLASSIFIERS = [
    "Development Status :: 4 - Beta", "Environment :: Console", "Intended Audience :: Developers",
    "Operating System :: POSIX :: Linux", "Topic :: Software Development :: Build Tools",
]
# A static program needs no C library, so the oldest of each kind that installers know.
PLATFORMS = ["manylinux_2_17", "manylinux2014", "musllinux_1_1"]
REPOSITORY = os.environ.get("SLIPWAY_REPOSITORY") or "OWNER/slipway"


def readme(version):
    """The page of the project; links to files of the repository only work with its address."""
    text = pathlib.Path("README.md").read_text(encoding="utf-8")
    files = f"https://github.com/{REPOSITORY}/blob/v{version}/"
    return re.sub(r"\]\((?![a-z]+:|#)([^)]+)\)", lambda link: f"]({files}{link[1]})", text)


def headers(*pairs):
    message = email.message.EmailMessage(policy=email.policy.compat32.clone(max_line_length=None))
    for name, value in pairs:
        message[name] = value
    return message.as_string()


def metadata(program, version, licenses):
    pairs = [
        ("Metadata-Version", "2.4"), ("Name", DISTRIBUTIONS[program]), ("Version", version),
        ("Summary", SUMMARIES[program]), ("License-Expression", "Apache-2.0"),
        *(("License-File", name) for name in licenses),
        ("Keywords", "langsmith,langgraph,deploy,rollback,ci"),
        *(("Classifier", text) for text in CLASSIFIERS),
        ("Project-URL", f"Source, https://github.com/{REPOSITORY}"),
        ("Project-URL", f"Documentation, https://github.com/{REPOSITORY}/tree/v{version}/docs"),
        ("Project-URL", f"Changelog, https://github.com/{REPOSITORY}/blob/v{version}/CHANGELOG.md"),
        ("Requires-Python", ">=3.8"),
    ]
    if program == "slipway":
        plane = DISTRIBUTIONS["slipway-control-plane"]
        pairs += [("Provides-Extra", "local"), ("Requires-Dist", f"{plane}=={version}; extra == 'local'")]
    pairs.append(("Description-Content-Type", "text/markdown; charset=UTF-8; variant=GFM"))
    return headers(*pairs) + readme(version)


def contents(program, version, tags, prefix):
    """Every file of the wheel but RECORD: its path, its bytes and its mode."""
    stem = f"{DISTRIBUTIONS[program].replace('-', '_')}-{version}"
    information, data = f"{stem}.dist-info", f"{stem}.data"
    licenses = {"LICENSE": pathlib.Path("LICENSE")}
    share = prefix / "share"
    for path in sorted(path for path in share.rglob("*") if path.is_file()):
        name = path.relative_to(share).as_posix()
        if name.startswith(f"doc/{program}/licenses/"):
            licenses[path.name] = path
        else:
            yield f"{data}/data/share/{name}", path.read_bytes(), 0o644
    for name, path in licenses.items():
        yield f"{information}/licenses/{name}", path.read_bytes(), 0o644
    yield f"{data}/scripts/{program}", (prefix / "bin" / program).read_bytes(), 0o755
    yield f"{information}/METADATA", metadata(program, version, licenses).encode(), 0o644
    wheel = headers(("Wheel-Version", "1.0"), ("Generator", f"slipway-wheel {version}"),
                    ("Root-Is-Purelib", "false"), *(("Tag", tag) for tag in tags))
    yield f"{information}/WHEEL", wheel.encode(), 0o644


def write(program, version, machine, prefix, folder):
    architecture = machine.removeprefix("linux-")
    platforms = [f"{platform}_{architecture}" for platform in PLATFORMS]
    stem = f"{DISTRIBUTIONS[program].replace('-', '_')}-{version}"
    record = f"{stem}.dist-info/RECORD"
    # Zip files know no date before 1980.
    date = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), 315532800))[:6]
    path = pathlib.Path(folder, f"{stem}-py3-none-{'.'.join(platforms)}.whl")
    rows = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def add(name, content, mode):
            entry = zipfile.ZipInfo(name, date)
            entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)

        tags = [f"py3-none-{platform}" for platform in platforms]
        for name, content, mode in contents(program, version, tags, pathlib.Path(prefix)):
            add(name, content, mode)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(content)}\n")
        add(record, "".join([*rows, f"{record},,\n"]).encode(), 0o644)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 6 or sys.argv[1] not in DISTRIBUTIONS:
        sys.exit(__doc__)
    os.chdir(pathlib.Path(__file__).parent.parent)
    print(write(*sys.argv[1:]))

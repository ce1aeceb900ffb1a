"""Prints what a release contains as SPDX 2.3: the Swift packages, and the libraries and runtimes linked in.

usage: sbom.py PROGRAM VERSION MACHINE FILE, MACHINE as in linux-x86_64; FILE is the archive or the wheel that holds PROGRAM
       sbom.py --swift-packages | --runtime-packages: the names alone
"""

import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import sys

# Of Package.resolved, those that the target CLI and what it imports name in Package.swift; the local control plane has
# the rest, too.
SWIFT = ["swift-argument-parser", "swift-subprocess", "swift-system"]
PLANE = "slipway-control-plane"

# The pinned packages and their versions; its first lines say what the columns are.
VERSIONS = pathlib.Path("scripts/release/versions")
ARCHITECTURES = {"linux-x86_64": "amd64", "linux-aarch64": "arm64"}

# Installed Debian packages whose archives the linker takes for any static program.
RUNTIME = ["libc6-dev", "libgcc-12-dev", "libstdc++-12-dev"]
PLANE_RUNTIME = [*RUNTIME, "libsqlite3-dev"]


def package(name, version, location, **more):
    identifier = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", name)
    return {
        "SPDXID": identifier,
        "name": name,
        "versionInfo": version,
        "downloadLocation": location,
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        **more,
    }


def swift_packages(program):
    for pin in json.loads(pathlib.Path("Package.resolved").read_text())["pins"]:
        if program != PLANE and pin["identity"] not in SWIFT:
            continue
        state = pin["state"]
        version = state.get("version", state["revision"])
        yield package(pin["identity"], version, f"git+{pin['location']}@{state['revision']}")


def pinned_packages(machine):
    seen = set()
    for line in VERSIONS.read_text().splitlines():
        kind, suite, name, version, checksum, file = (line.split() + [""] * 6)[:6]
        if kind not in ("source", "tarball", ARCHITECTURES[machine]) or name in seen:
            continue
        seen.add(name)
        architecture = "source" if kind in ("source", "tarball") else kind
        yield package(name, version, "NOASSERTION", packageFileName=file,
                      checksums=[{"algorithm": "SHA256", "checksumValue": checksum}],
                      externalRefs=[{
                          "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{name}@{version}?arch={architecture}&distro={suite}"}])


def runtime_packages(program):
    for name in PLANE_RUNTIME if program == PLANE else RUNTIME:
        query = ["dpkg-query", "-W", "-f=${Version}", name]
        version = subprocess.run(query, check=True, capture_output=True, text=True).stdout
        yield package(name, version, "NOASSERTION")
    version = subprocess.run(["swift", "--version"], check=True, capture_output=True, text=True).stdout
    yield package("swift", re.search(r"Swift version (\S+)", version)[1], "https://www.swift.org/install")


def main(program, version, machine, file):
    digest = hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()
    checksum = [{"algorithm": "SHA256", "checksumValue": digest}]
    own = package(program, version, "NOASSERTION", checksums=checksum, licenseDeclared="Apache-2.0")
    parts = [*swift_packages(program), *pinned_packages(machine), *runtime_packages(program)]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])]
    relations += [(own["SPDXID"], "CONTAINS", part["SPDXID"]) for part in parts]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{program}-{version}-{machine}",
        "documentNamespace": f"https://spdx.org/spdxdocs/{program}-{version}-{machine}-{digest[:32]}",
        "creationInfo": {
            "created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: slipway-sbom-{version}"],
        },
        "packages": [own, *parts],
        "relationships": [
            {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target}
            for source, kind, target in relations
        ],
    }
    json.dump(document, sys.stdout, indent=2)
    print()


if sys.argv[1:] == ["--swift-packages"]:
    print(*SWIFT)
elif sys.argv[1:] == ["--runtime-packages"]:
    print(*RUNTIME)
else:
    main(*sys.argv[1:])

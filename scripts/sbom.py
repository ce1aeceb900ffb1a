"""Prints what a release contains as SPDX 2.3: the Swift packages and the libraries linked in.

usage: sbom.py VERSION MACHINE ARCHIVE
"""

import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import sys

# Of Package.resolved, those that the target CLI and what it imports name in Package.swift; the rest is the server's.
SWIFT = ["swift-argument-parser", "swift-subprocess", "swift-system"]

# Debian packages whose archives end up in the binary; see build-release.sh and the Makefile.
LINKED = ["libgit2-dev", "libmbedtls-dev", "libhttp-parser-dev", "libssh2-1-dev", "libpcre2-dev", "libyaml-dev",
          "libstdc++-12-dev", "libgcc-12-dev"]


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


def swift_packages():
    for pin in json.loads(pathlib.Path("Package.resolved").read_text())["pins"]:
        if pin["identity"] not in SWIFT:
            continue
        state = pin["state"]
        version = state.get("version", state["revision"])
        yield package(pin["identity"], version, f"git+{pin['location']}@{state['revision']}")


def debian_packages():
    for name in LINKED:
        query = ["dpkg-query", "-W", "-f=${Version}", name]
        version = subprocess.run(query, check=True, capture_output=True, text=True).stdout
        yield package(name, version, "NOASSERTION")


def main(version, machine, archive):
    digest = hashlib.sha256(pathlib.Path(archive).read_bytes()).hexdigest()
    checksum = [{"algorithm": "SHA256", "checksumValue": digest}]
    own = package("slipway", version, "NOASSERTION", checksums=checksum, licenseDeclared="Apache-2.0")
    parts = [*swift_packages(), *debian_packages()]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])]
    relations += [(own["SPDXID"], "CONTAINS", part["SPDXID"]) for part in parts]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"slipway-{version}-{machine}",
        "documentNamespace": f"https://spdx.org/spdxdocs/slipway-{version}-{machine}-{digest[:32]}",
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


main(*sys.argv[1:])

"""schemathesis over the API's description: no answer is a server error, and none breaks the schema."""

import os
import subprocess
import sys
import tempfile

from plane import KEY, Plane, Repository, example, expect

SERVED = r"^/(v2/(deployments|deployment-logs|listeners|integrations/.*/installations)|v1/(integrations|projects))"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main():
    schema = os.environ["SLIPWAY_OPENAPI"]
    examples = os.environ.get("SLIPWAY_SCHEMA_EXAMPLES", "10")
    with Repository(example("agent")) as repository, Plane(repositories=[repository.path]) as plane:
        check(plane, schema, examples, {})
        deployment = plane.create("known", repository.path)
        revision = deployment["latest_revision_id"]
        expect(plane.wait(deployment["id"], revision) == "DEPLOYED", "the example was not deployed")
        listener = plane.call("POST", "/v2/listeners", {
            "compute_type": "k8s", "compute_id": "known", "compute_config": {"k8s_namespaces": ["a"]}})[1]
        known = {
            "deployment_id": deployment["id"], "project_id": deployment["id"], "revision_id": revision,
            "listener_id": listener["id"], "integration_id": plane.integration()}
        check(plane, schema, examples, known, "--exclude-method", "DELETE")
        expect(plane.call("GET", "/ok")[0] == 200, "the plane does not answer any more")


def check(plane, schema, examples, parameters, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "schemathesis.toml")
        with open(config, "w") as file:
            file.write("[parameters]\n" + "".join(f'{name} = "{value}"\n' for name, value in parameters.items()))
        program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
        done = subprocess.run(
            [program, "--config-file", config, "run", schema, "--url", plane.url, "--header", f"X-Api-Key: {KEY}",
             "--include-path-regex", SERVED, "--checks", CHECKS, "--max-examples", examples,
             "--continue-on-failure", "--generation-database", "none", "--suppress-health-check", "all",
             "--warnings", "off", "--seed", "1", *arguments],
            cwd=folder)
        expect(done.returncode == 0, "schemathesis found answers that the description does not allow")


if __name__ == "__main__":
    sys.exit(main())

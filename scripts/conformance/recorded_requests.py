"""Holds recorded requests against the API's description: unknown paths, parameters and fields are failures."""

import copy
import json
import re
import sys
import urllib.parse

import jsonschema
import yaml

# Operations of the local plane alone, and the upload to the URL that the plane returns.
NOT_OF_THE_API = re.compile(r"^/(ok$|internal/|uploads/)")


def main():
    description = yaml.safe_load(open(sys.argv[1]))
    requests = [json.loads(line) for line in open(sys.argv[2])]
    checker = Checker(description)
    problems, checked, seen = {}, 0, set()
    for request in requests:
        if NOT_OF_THE_API.match(request["path"]):
            continue
        checked += 1
        for problem in checker.problems(request, seen):
            problems.setdefault(f"{request['method']} {problem}", request)
    for problem, request in sorted(problems.items()):
        print(f"{problem}\n    {json.dumps(request)[:500]}")
    print(f"{checked} requests to {len(seen)} operations, {len(problems)} problems")
    if not checked:
        raise SystemExit("FAILED: nothing was recorded")
    return 1 if problems else 0


class Checker:
    def __init__(self, description):
        self.description = description
        self.operations = []
        for template, operations in description["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template)) + "$")
            self.operations.append((template, pattern, operations))
        # A literal path goes before a template that would match it too.
        self.operations.sort(key=lambda entry: entry[0].count("{"))
        self.components = {"components": strict(description["components"])}

    def problems(self, request, seen):
        found = self.operation(request)
        if found is None:
            yield f"{request['path']} is not in the description"
            return
        template, operation = found
        seen.add((request["method"], template))
        yield from self.query_problems(template, operation, request.get("query") or "")
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        body = request.get("body")
        if body is None:
            if operation.get("requestBody", {}).get("required"):
                yield f"{template} needs a body"
        elif schema is None:
            yield f"{template} has no body"
        else:
            for error in self.errors(schema, body):
                yield f"{template} body {'.'.join(map(str, error.absolute_path)) or '(whole)'}: {error.message}"

    def query_problems(self, template, operation, query):
        parameters = [self.resolved(parameter) for parameter in operation.get("parameters", [])]
        known = {p["name"]: p["schema"] for p in parameters if p.get("in") == "query"}
        for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
            if name not in known:
                yield f"{template} has no parameter '{name}'"
            elif not any(not list(self.errors(known[name], candidate)) for candidate in readings(value)):
                yield f"{template} parameter {name}={value} is not allowed"

    def resolved(self, value):
        if "$ref" not in value:
            return value
        target = self.description
        for part in value["$ref"].split("/")[1:]:
            target = target[part]
        return target

    def operation(self, request):
        for template, pattern, operations in self.operations:
            if pattern.match(request["path"]) and request["method"].lower() in operations:
                return template, operations[request["method"].lower()]
        return None

    def errors(self, schema, value):
        validator = jsonschema.Draft202012Validator({**strict(schema), **self.components})
        return validator.iter_errors(value)


def strict(schema):
    """The schema with nothing allowed that it does not name."""
    schema = copy.deepcopy(schema)

    def walk(node):
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict) and node.get("type") == "object":
                node.setdefault("additionalProperties", False)
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(schema)
    return schema


def readings(text):
    """What a parameter's text may stand for."""
    yield text
    yield [text]
    if re.fullmatch(r"-?\d+", text):
        yield int(text)
    if text in ("true", "false"):
        yield text == "true"


if __name__ == "__main__":
    sys.exit(main())

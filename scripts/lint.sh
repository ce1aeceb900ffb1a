#!/usr/bin/env bash
# All that can be checked without running anything and without a network. Tools and their versions are those of
# .ci/requirements.txt; scripts/setup.sh --lint installs them.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/.build/python/bin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=()

# Says what it checks, goes on after a failure, and tells at the end what failed.
check() {
    local name=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        echo "lint: $name"
    else
        echo "lint: $name FAILED" >&2
        cat "$scratch/output" >&2
        failed+=("$name")
    fi
}

mapfile -t swift < <(ls -d Package.swift Sources Tests Benchmarks)
mapfile -t yaml < <(git ls-files '*.yml' '*.yaml')
mapfile -t shell < <(git ls-files '*.sh' .ci/run)
mapfile -t schemas < <(git ls-files 'schema/*.schema.json')
mapfile -t github < <(git ls-files '.github/workflows/*.yml' 'examples/github/*.yml' 'examples/export/github/*.yml')
mapfile -t gitlab < <(git ls-files 'examples/gitlab/*.yml' 'examples/export/gitlab/*.yml')
# Workflow files of our own say so in their first line.
mapfile -t workflows < <(git grep -l 'schema=.*workflow\.schema\.json' -- '*.yml')
mapfile -t fleets < <(git grep -l 'schema=.*targets\.schema\.json' -- '*.yml')
actions=(action.yml setup/action.yml)

# A component is two documents, which GitLab's schema wants one by one.
for template in templates/*/template.yml; do
    name=$(basename "$(dirname "$template")")
    awk -v name="$scratch/$name" '/^---$/ { part++; next } { print > (name "-" part + 0 ".yml") }' "$template"
    gitlab+=("$scratch/$name-0.yml" "$scratch/$name-1.yml")
done

schema=("$tools/check-jsonschema")
check "swift format" swift format lint --strict --configuration .swift-format --recursive --parallel "${swift[@]}"
check "yamllint" "$tools/yamllint" --strict -c .yamllint.yml "${yaml[@]}"
check "action schema" "${schema[@]}" --builtin-schema vendor.github-actions "${actions[@]}"
check "GitHub workflow schema" "${schema[@]}" --builtin-schema vendor.github-workflows "${github[@]}"
check "GitHub timeouts" "${schema[@]}" --builtin-schema custom.github-workflows-require-timeout "${github[@]}"
check "GitLab schema" "${schema[@]}" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci \
    --regex-variant nonunicode "${gitlab[@]}"
check "our schemas" "${schema[@]}" --check-metaschema "${schemas[@]}"
check "our OpenAPI description" "$tools/openapi-spec-validator" schema/control-plane.openapi.json
check "our workflows" "${schema[@]}" --schemafile schema/workflow.schema.json "${workflows[@]}"
check "our fleets" "${schema[@]}" --schemafile schema/targets.schema.json "${fleets[@]}"
check "zizmor" "$tools/zizmor" --offline --no-progress --strict-collection --config .github/zizmor.yml \
    "${actions[@]}" "${github[@]}"
check "shellcheck" "$tools/shellcheck" -x "${shell[@]}"
"$tools/python" scripts/script_blocks.py "$scratch/blocks" "${actions[@]}" "${github[@]}" "${gitlab[@]}"
check "shellcheck of run and script" "$tools/shellcheck" -x "$scratch"/blocks/*
check "hadolint" "$tools/hadolint" Dockerfile

if ((${#failed[@]})); then
    printf 'lint: failed: %s\n' "${failed[*]}" >&2
    exit 1
fi

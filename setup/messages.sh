# shellcheck shell=bash
# Sourced by the scripts of the action: error messages as GitHub annotations.

# These characters would end a workflow command.
escaped() {
    local text=${1//'%'/%25}
    text=${text//$'\r'/%0D}
    printf '%s' "${text//$'\n'/%0A}"
}

# refuse MESSAGE [HINT]
refuse() {
    printf '::error title=slipway::%s\n' "$(escaped "$1${2:+ (hint: $2)}")" >&2
    exit 64
}

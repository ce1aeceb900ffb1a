# shellcheck shell=dash
# Sourced by the scripts that install and start slipway, in the sh of any image: error messages, on GitHub as
# annotations.

line_feed='
'
carriage_return=$(printf '\r')

# replace TEXT FROM TO: the result is in $replaced, which keeps newlines at the end.
replace() {
    local rest=$1
    replaced=
    while :; do
        case $rest in
            *"$2"*) replaced=$replaced${rest%%"$2"*}$3 rest=${rest#*"$2"} ;;
            *) break ;;
        esac
    done
    replaced=$replaced$rest
}

# These characters would end a workflow command.
escaped() {
    replace "$1" '%' '%25'
    replace "$replaced" "$carriage_return" '%0D'
    replace "$replaced" "$line_feed" '%0A'
    printf '%s' "$replaced"
}

# refuse MESSAGE [HINT]
refuse() {
    if [ -n "${GITHUB_ACTIONS:-}" ]; then
        printf '::error title=slipway::%s\n' "$(escaped "$1${2:+ (hint: $2)}")" >&2
    else
        printf 'error: %s\n' "$1" >&2
        [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    fi
    exit 64
}

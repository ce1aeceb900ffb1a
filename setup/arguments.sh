# shellcheck shell=dash
# Sourced by the run step of action.yml: turns the action's inputs, which are in the environment, into the positional
# parameters. Inputs are never script text.

# shellcheck source=setup/messages.sh
. "$GITHUB_ACTION_PATH/setup/messages.sh"

# Every argument in quotes, since sh has one list only and functions have their own.
arguments=

# add ARGUMENT...
add() {
    while [ $# -gt 0 ]; do
        replace "$1" "'" "'\\''"
        arguments="$arguments '$replaced'"
        shift
    done
}

# option FLAG VALUE: adds nothing for an empty input. Joined by =, so that a value is never parsed as a flag.
option() {
    [ -z "$2" ] || add "$1=$2"
}

# YAML booleans arrive as text.
is_true() {
    case $2 in
        true) return 0 ;;
        false | '') return 1 ;;
        *) refuse "invalid value '$2' of $1: not true or false" ;;
    esac
}

# A pull request from a fork gets no secrets, which is not its author's fault.
skip_fork_without_key() {
    [ -n "$SLIPWAY_ACTION_HEAD_REPOSITORY" ] || return 0
    [ "$SLIPWAY_ACTION_HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ] || return 0
    [ -z "$SLIPWAY_ACTION_API_KEY$given_key" ] || return 0
    if is_true require "$SLIPWAY_ACTION_REQUIRE"; then
        printf '::error title=slipway::%s\n' "no API key: this pull request comes from a fork and gets no secrets"
        exit 77
    fi
    printf '::notice title=slipway::%s\n' "skipped: no API key, because this pull request comes from a fork"
    printf 'result=skip\nchanged=false\n' >>"$GITHUB_OUTPUT"
    exit 0
}

use_key() {
    if [ -n "$SLIPWAY_ACTION_API_KEY" ]; then
        case $SLIPWAY_ACTION_API_KEY in
            *"$line_feed"* | *"$carriage_return"*) refuse "api-key has more than one line" "pass only the key" ;;
        esac
        printf '::add-mask::%s\n' "$(escaped "$SLIPWAY_ACTION_API_KEY")"
        export LANGSMITH_API_KEY="$SLIPWAY_ACTION_API_KEY"
        # It would take precedence over the input.
        unset LANGGRAPH_HOST_API_KEY
    fi
    unset SLIPWAY_ACTION_API_KEY
}

# pairs HANDLER: calls it with the name and value of each line of the input `inputs`.
pairs() {
    local line name
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%"$carriage_return"}
        case $line in
            '#'*) continue ;;
            *[![:space:]]*) ;;
            *) continue ;;
        esac
        name=${line%%=*}
        case $name in
            "$line" | '' | [!a-z]* | *[!a-z0-9-]*) refuse "invalid line '$line' of inputs: not name=value" \
                "write a flag without a value as $name=true" ;;
        esac
        "$1" "$name" "${line#*=}"
    done <<END
$SLIPWAY_ACTION_INPUTS
END
}

as_input() { add --input "$1=$2"; }

# For deploy and rollback the names are flags; flags without a value take true or false.
as_flag() {
    case $1 in
        allow-dirty | allow-mutable-image | allow-unpushed | detailed-exitcode | force | must-exist | no-wait)
            if is_true "inputs: $1" "$2"; then add "--$1"; fi
            ;;
        *) add "--$1=$2" ;;
    esac
}

# only_for COMMAND NAME VALUE...
only_for() {
    local command=$1
    shift
    while [ $# -gt 1 ]; do
        [ -z "$2" ] || refuse "the input $1 requires the command $command, not $SLIPWAY_ACTION_COMMAND"
        shift 2
    done
}

workflow_arguments() {
    [ -n "$SLIPWAY_ACTION_WORKFLOW" ] ||
        refuse "the command run requires the input workflow" "set workflow to a file, or command to deploy"
    case $SLIPWAY_ACTION_WORKFLOW in
        -*) refuse "invalid workflow '$SLIPWAY_ACTION_WORKFLOW': begins with a dash" ;;
    esac
    add "$SLIPWAY_ACTION_WORKFLOW"
    pairs as_input
    [ -z "$SLIPWAY_ACTION_DEPLOYMENT" ] || as_input deployment "$SLIPWAY_ACTION_DEPLOYMENT"
    [ -z "$SLIPWAY_ACTION_DEPLOYMENT_TYPE" ] || as_input deployment-type "$SLIPWAY_ACTION_DEPLOYMENT_TYPE"
    [ -z "$SLIPWAY_ACTION_ENVIRONMENT" ] || as_input environment "$SLIPWAY_ACTION_ENVIRONMENT"
    [ -z "$SLIPWAY_ACTION_TIMEOUT" ] || as_input timeout "$SLIPWAY_ACTION_TIMEOUT"
}

deploy_arguments() {
    only_for run workflow "$SLIPWAY_ACTION_WORKFLOW"
    option --environment "$SLIPWAY_ACTION_ENVIRONMENT"
    option --deployment "$SLIPWAY_ACTION_DEPLOYMENT"
    option --deployment-type "$SLIPWAY_ACTION_DEPLOYMENT_TYPE"
    option --timeout "$SLIPWAY_ACTION_TIMEOUT"
    pairs as_flag
}

rollback_arguments() {
    only_for run workflow "$SLIPWAY_ACTION_WORKFLOW"
    only_for deploy deployment-type "$SLIPWAY_ACTION_DEPLOYMENT_TYPE"
    case $SLIPWAY_ACTION_DEPLOYMENT in
        '')
            [ -n "$SLIPWAY_ACTION_ENVIRONMENT" ] ||
                refuse "the command rollback requires the input deployment, or environment"
            ;;
        -*) refuse "invalid deployment '$SLIPWAY_ACTION_DEPLOYMENT': begins with a dash" ;;
        *) add "$SLIPWAY_ACTION_DEPLOYMENT" ;;
    esac
    add --yes
    option --environment "$SLIPWAY_ACTION_ENVIRONMENT"
    option --to "$SLIPWAY_ACTION_REVISION"
    option --reason "$SLIPWAY_ACTION_REASON"
    option --timeout "$SLIPWAY_ACTION_TIMEOUT"
    pairs as_flag
}

report_arguments() {
    # Outside the working tree: a report in it would make it dirty.
    local folder
    folder=$(mktemp -d "$RUNNER_TEMP/slipway.XXXXXX")
    # A plan writes no reports.
    [ "$verb" = plan ] ||
        add "--junit=${SLIPWAY_ACTION_JUNIT:-$folder/TEST-slipway.xml}" "--json=$folder/report.json"
    is_true summary "$SLIPWAY_ACTION_SUMMARY" || unset GITHUB_STEP_SUMMARY
    is_true annotations "$SLIPWAY_ACTION_ANNOTATIONS" || export SLIPWAY_ANNOTATIONS=off
}

given_key=${LANGGRAPH_HOST_API_KEY:-}${LANGSMITH_API_KEY:-}${LANGCHAIN_API_KEY:-}${LANGSMITH_API_KEY_FILE:-}
skip_fork_without_key
use_key

verb=$SLIPWAY_ACTION_COMMAND
if is_true dry-run "$SLIPWAY_ACTION_DRY_RUN"; then
    case $verb in
        deploy | run) verb=plan ;;
        *) refuse "dry-run requires the command deploy or run, not $verb" ;;
    esac
fi
add "$verb"
case $SLIPWAY_ACTION_COMMAND in
    run) workflow_arguments ;;
    deploy) deploy_arguments ;;
    rollback) rollback_arguments ;;
    *) refuse "invalid command '$SLIPWAY_ACTION_COMMAND'" "use deploy, rollback or run" ;;
esac
[ "$SLIPWAY_ACTION_COMMAND" = rollback ] ||
    only_for rollback revision "$SLIPWAY_ACTION_REVISION" reason "$SLIPWAY_ACTION_REASON"
option --control-plane "$SLIPWAY_ACTION_ENDPOINT"
option --log-level "$SLIPWAY_ACTION_LOG_LEVEL"
report_arguments
eval "set -- $arguments"

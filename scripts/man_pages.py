#!/usr/bin/env python3
"""Writes a man page for slipway and each of its commands, from the program's own help.

usage: man_pages.py SLIPWAY FOLDER
"""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

WIDTH = 78
# The program's help writes the table as text; a page has a section for it.
EXIT_CODES = re.compile(r"EXIT CODES:\n(.*?)\n\n", re.DOTALL)
EXAMPLES = re.compile(r"EXAMPLES:\n(.*?)\n\n", re.DOTALL)
VARIABLES = [
    ("LANGSMITH_API_KEY", "the API key; LANGGRAPH_HOST_API_KEY overrides it, LANGCHAIN_API_KEY "
     "and LANGSMITH_API_KEY_FILE are used without it"),
    ("LANGSMITH_TENANT_ID, WORKSPACE_ID", "the workspace"),
    ("SLIPWAY_CONTROL_PLANE, LANGGRAPH_HOST_URL, CONTROL_PLANE_HOST, LANGSMITH_ENDPOINT", "the control plane"),
    ("LANGSMITH_DEPLOYMENT_NAME", "the deployment"),
    ("INTEGRATION_ID", "the GitHub integration"),
    ("SLIPWAY_STATE_DIR, XDG_STATE_HOME", "the directory for journals, locks and the local control plane"),
    ("NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR", "turn color off or on; --color overrides them"),
    ("RUNNER_DEBUG", "1 sets --log-level debug"),
]


def escaped(text):
    """Escapes one line for roff, which must not start with a request; dashes stay copyable."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return r"\&" + text if text[:1] in (".", "'") else text


def paragraph(text):
    """Puts each sentence on its own line, as mdoc requires."""
    words, line = [], []
    for word in text.split():
        if line and len(escaped(" ".join(line + [word]))) > WIDTH:
            words.append(" ".join(line))
            line = []
        line.append(word)
        if word.endswith((".", "!", "?")) and not word.endswith("..."):
            words.append(" ".join(line))
            line = []
    if line:
        words.append(" ".join(line))
    return [escaped(each) for each in words]


def macro_safe(text):
    """Quotes an argument of a macro, in which punctuation and macro names have no meaning."""
    return '"' + escaped(text).replace('"', r"\(dq") + '"'


def flag(name):
    dashes = {"short": "-", "longWithSingleDash": "-"}.get(name["kind"], "--")
    return dashes + name["name"]


def synopsis(argument):
    value = "<%s>" % argument.get("valueName", "value")
    if argument["kind"] == "positional":
        text = value
    else:
        text = flag(argument["preferredName"])
        if argument["kind"] == "option":
            text += " " + value
    if argument.get("isRepeating"):
        text += " ..."
    return "[%s]" % text if argument.get("isOptional") else text


def entry(argument):
    if argument["kind"] == "positional":
        head = "<%s>" % argument["valueName"]
    else:
        head = ", ".join(flag(each) for each in argument["names"])
        if argument["kind"] == "option":
            head += " <%s>" % argument["valueName"]
    lines = [".It %s" % macro_safe(head)] + paragraph(argument.get("abstract", ""))
    default = argument.get("defaultValue")
    if default and default != "false":
        lines += paragraph("Default: %s." % default)
    return lines


def options(command):
    lines = []
    shown = [each for each in command.get("arguments", []) if each.get("shouldDisplay")]
    sections = list(dict.fromkeys(each.get("sectionTitle", "") for each in shown))
    for section in sorted(sections, key=bool):
        if section:
            lines.append(".Ss %s" % escaped(section))
        lines.append(".Bl -tag -width indent")
        for argument in shown:
            if argument.get("sectionTitle", "") == section:
                lines += entry(argument)
        lines.append(".El")
    return lines


def commands(command, path):
    lines = [".Sh COMMANDS", ".Bl -tag -width indent"]
    for each in command["subcommands"]:
        if not each.get("shouldDisplay") or each["commandName"] == "help":
            continue
        name = "-".join(path + [each["commandName"]])
        lines += [".It Xr %s 1" % name] + paragraph(each.get("abstract", ""))
    return lines + [".El"]


def exit_status(table):
    lines = [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
    for row in table.splitlines():
        code, meaning = row.split(None, 1)
        lines += [".It %s" % code] + paragraph(meaning)
    return lines + [".El"]


def variables():
    lines = [".Sh ENVIRONMENT", ".Bl -tag -width indent"]
    for names, meaning in VARIABLES:
        lines += [".It Ev %s" % names.replace(", ", " , Ev ")] + paragraph(meaning)
    return lines + [".El"]


def page(command, path, table, date):
    name = "-".join(path)
    discussion = command.get("discussion", "") + "\n\n"
    examples = EXAMPLES.search(discussion)
    discussion = EXAMPLES.sub("", EXIT_CODES.sub("", discussion)).strip()
    lines = [".Dd %s" % date, ".Dt %s 1" % name.upper(), ".Os", ".Sh NAME", ".Nm %s" % name]
    lines += [".Nd %s" % escaped(command.get("abstract", "").rstrip(".")), ".Sh SYNOPSIS"]
    lines += [".Nm %s" % " ".join(path)]
    shown = [each for each in command.get("arguments", []) if each.get("shouldDisplay")]
    lines += [escaped(synopsis(each)) for each in shown]
    below = [each for each in command.get("subcommands", []) if each["commandName"] != "help"]
    lines += ["<command>"] if below else []
    lines += [".Sh DESCRIPTION"] + paragraph(command.get("abstract", ""))
    if discussion:
        lines += [".Pp"] + paragraph(discussion)
    lines += (commands(command, path) if below else []) + [".Sh OPTIONS"] + options(command)
    if len(path) == 1:
        lines += variables()
    lines += exit_status(table)
    if examples:
        lines += [".Sh EXAMPLES"] + [".Dl %s" % macro_safe(each.strip()) for each in examples.group(1).splitlines()]
    if len(path) > 1:
        lines += [".Sh SEE ALSO", ".Xr %s 1" % "-".join(path[:-1])]
    return "\n".join(lines) + "\n"


def write(command, path, table, date, folder):
    (folder / ("-".join(path) + ".1")).write_text(page(command, path, table, date), encoding="utf-8")
    for each in command.get("subcommands", []):
        if each.get("shouldDisplay") and each["commandName"] != "help":
            write(each, path + [each["commandName"]], table, date, folder)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    dump = subprocess.run([sys.argv[1], "--experimental-dump-help"], check=True, capture_output=True).stdout
    root = json.loads(dump)["command"]
    table = EXIT_CODES.search(root["discussion"] + "\n\n")
    if not table:
        sys.exit("man_pages: the help of %s has no table of exit codes" % sys.argv[1])
    # A release sets it, so that the same sources make the same pages.
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    utc = datetime.timezone.utc
    day = datetime.datetime.fromtimestamp(int(epoch), utc) if epoch else datetime.datetime.now(utc)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    date = "%s %d, %d" % (day.strftime("%B"), day.day, day.year)
    write(root, ["slipway"], table.group(1), date, folder)


if __name__ == "__main__":
    main()

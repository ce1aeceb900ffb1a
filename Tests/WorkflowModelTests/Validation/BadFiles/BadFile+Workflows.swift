/// Mistakes at the top level, in inputs and in defaults.
extension BadFile {
    static let workflows = [
        BadFile("", "1:1: LS001 the file is empty"),
        BadFile("[]", "1:1: LS006 a workflow is a mapping, here is a list"),
        BadFile("text", "1:1: LS006 a workflow is a mapping, here is text"),
        BadFile("version: 1\nname: w\njobs: {}", "3:7: LS007 'jobs' is empty"),
        BadFile("version: 1\nname: w\njobs: []", "3:7: LS006 'jobs' is a mapping of names, here is a list"),
        BadFile("version: 1\nname: w", "1:1: LS005 a workflow needs the key 'jobs'"),
        BadFile("version: 1\nname:\njobs: {j: {steps: [run: x]}}", "2:6: LS006 'name' is text, here is nothing"),
        BadFile("version: [1]\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS006 'version' is 1, here is a list"),
        BadFile("version: 1.0\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS007 version '1.0' is not known"),
        BadFile(workflow("on: push"), "3:1: LS004 unknown key 'on' in a workflow"),
        BadFile(workflow("name: v"), "3:1: LS003 the key 'name' is here twice"),
        BadFile(workflow("env: [A]"), "3:6: LS006 'env' is a mapping, here is a list"),
        BadFile(workflow("env: {A-B: x}"), "3:7: LS007 'A-B' is no name for a variable"),
        BadFile(workflow("env: {A: [x]}"), "3:10: LS006 'A' is text, here is a list"),
        BadFile(workflow("env: {A: '${{ steps.x }}'}"), "3:15: LS012 'steps' is not known here"),
        BadFile(workflow("inputs: {x: {type: text}}"), "3:20: LS007 'type': 'text' is not known"),
        BadFile(workflow("inputs: {x: {type: choice}}"), "3:10: LS005 the choice 'x' has no options"),
        BadFile(workflow("inputs: {x: {options: [a]}}"), "3:23: LS007 'options' belong to the type choice"),
        BadFile(workflow("inputs: {x: {required: yes}}"), "3:24: LS006 'required' is true or false, here is text"),
        BadFile(workflow("inputs: {x: {required: 'true'}}"), "3:24: LS006 'required' is true or false, here is text"),
        BadFile(
            workflow("inputs: {x: {type: boolean, default: no}}"),
            "3:38: LS007 the default of 'x': 'no' is neither true nor false"),
        BadFile(
            workflow("inputs: {x: {type: number, default: 12:30}}"),
            "3:37: LS007 the default of 'x': '12:30' is no number"),
        BadFile(
            workflow("inputs: {x: {type: choice, options: [a], default: b}}"),
            "3:51: LS007 the default of 'x': 'b' is none of a"),
        BadFile(
            workflow("inputs: {x: {type: duration, default: soon}}"),
            "3:39: LS007 the default of 'x': 'soon' is no duration; write it as 90s, 20m, 1h30m or a number of seconds"),
        BadFile(
            workflow("inputs: {x: {default: '${{ git.sha }}'}}"), "3:23: LS010 a default cannot hold an expression"),
        BadFile(workflow("inputs: {x: {pattern: '('}}"), "3:23: LS007 '(' is no regular expression"),
        BadFile(
            workflow("inputs: {x: {type: number, pattern: a}}"), "3:37: LS007 'pattern' belongs to the type string"),
        BadFile(workflow("inputs: {1x: {}}"), "3:10: LS007 '1x' is no name"),
        BadFile(workflow("inputs: {x: }"), "3:13: LS006 an input is a mapping, here is nothing"),
        BadFile(workflow("defaults: {timeout: 5 m}"), "3:21: LS008 'timeout': '5 m' is no duration"),
        BadFile(workflow("defaults: {shell: bash}"), "3:12: LS004 unknown key 'shell' in the defaults"),
        BadFile(workflow("outputs: {x: '${{ needs.k.result }}'}"), "3:19: LS012 nothing is named 'needs.k'"),
    ]
}

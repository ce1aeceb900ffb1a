/// Mistakes at the top level, in inputs and in defaults.
extension BadFile {
    static let workflows = [
        BadFile("", "1:1: LS001 the file is empty"),
        BadFile("[]", "1:1: LS006 a workflow must be a mapping, found a list"),
        BadFile("text", "1:1: LS006 a workflow must be a mapping, found text"),
        BadFile("version: 1\nname: w\njobs: {}", "3:7: LS007 'jobs' is empty"),
        BadFile("version: 1\nname: w\njobs: []", "3:7: LS006 'jobs' must be a mapping of names, found a list"),
        BadFile("version: 1\nname: w", "1:1: LS005 missing key 'jobs' in a workflow"),
        BadFile("version: 1\nname:\njobs: {j: {steps: [run: x]}}", "2:6: LS006 'name' must be text, found nothing"),
        BadFile("version: [1]\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS006 'version' must be 1, found a list"),
        BadFile("version: 1.0\nname: w\njobs: {j: {steps: [run: x]}}", "1:10: LS007 unsupported version '1.0'"),
        BadFile(workflow("on: push"), "3:1: LS004 unknown key 'on' in a workflow"),
        BadFile(workflow("name: v"), "3:1: LS003 duplicate key 'name'"),
        BadFile(workflow("env: [A]"), "3:6: LS006 'env' must be a mapping, found a list"),
        BadFile(workflow("env: {A-B: x}"), "3:7: LS007 invalid variable name 'A-B'"),
        BadFile(workflow("env: {A: [x]}"), "3:10: LS006 'A' must be text, found a list"),
        BadFile(workflow("env: {A: '${{ steps.x }}'}"), "3:15: LS012 'steps' is not available here"),
        BadFile(workflow("inputs: {x: {type: text}}"), "3:20: LS007 invalid value 'text' for 'type'"),
        BadFile(workflow("inputs: {x: {type: choice}}"), "3:10: LS005 input 'x' of type choice has no options"),
        BadFile(workflow("inputs: {x: {options: [a]}}"), "3:23: LS007 'options' requires type choice"),
        BadFile(workflow("inputs: {x: {required: yes}}"), "3:24: LS006 'required' must be true or false, found text"),
        BadFile(
            workflow("inputs: {x: {required: 'true'}}"), "3:24: LS006 'required' must be true or false, found text"),
        BadFile(
            workflow("inputs: {x: {type: boolean, default: no}}"),
            "3:38: LS007 invalid default of 'x': 'no' is not true or false"),
        BadFile(
            workflow("inputs: {x: {type: number, default: 12:30}}"),
            "3:37: LS007 invalid default of 'x': '12:30' is not a number"),
        BadFile(
            workflow("inputs: {x: {type: choice, options: [a], default: b}}"),
            "3:51: LS007 invalid default of 'x': 'b' is not one of a"),
        BadFile(
            workflow("inputs: {x: {type: duration, default: soon}}"),
            "3:39: LS007 invalid default of 'x': 'soon' is not a duration; write it as 90s, 20m, 1h30m or a number of seconds"
        ),
        BadFile(
            workflow("inputs: {x: {default: '${{ git.sha }}'}}"), "3:23: LS010 expression not allowed in a default"),
        BadFile(workflow("inputs: {x: {pattern: '('}}"), "3:23: LS007 invalid regular expression '('"),
        BadFile(
            workflow("inputs: {x: {type: number, pattern: a}}"), "3:37: LS007 'pattern' requires type string"),
        BadFile(workflow("inputs: {1x: {}}"), "3:10: LS007 invalid name '1x'"),
        BadFile(workflow("inputs: {x: }"), "3:13: LS006 an input must be a mapping, found nothing"),
        BadFile(workflow("defaults: {timeout: 5 m}"), "3:21: LS008 invalid duration '5 m' for 'timeout'"),
        BadFile(workflow("defaults: {shell: bash}"), "3:12: LS004 unknown key 'shell' in the defaults"),
        BadFile(workflow("outputs: {x: '${{ needs.k.result }}'}"), "3:19: LS012 unknown name 'needs.k'"),
    ]
}

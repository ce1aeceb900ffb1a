/// Mistakes in `uses` and `with`.
extension BadFile {
    static let stepTypes = [
        BadFile(Sample.step("uses: deplyo"), "6:15: LS019 unknown step type 'deplyo'"),
        BadFile(Sample.step("uses: actions/checkout@v4"), "6:15: LS019 unknown step type 'actions/checkout@v4'"),
        BadFile(Sample.step("uses: ../up.yml"), "6:15: LS019 unknown step type '../up.yml'"),
        BadFile(Sample.step("uses: ./a/../../up.yml"), "6:15: LS019 unknown step type './a/../../up.yml'"),
        BadFile(Sample.step("uses: run"), "6:15: LS019 'run' is not a step type"),
        BadFile(Sample.step("uses: ${{ inputs.x }}"), "6:15: LS010 expression not allowed in 'uses'"),
        BadFile(Sample.step("uses: deploy"), "6:15: LS021 missing input 'deployment' of 'deploy'"),
        BadFile(
            Sample.step("uses: deploy", "with: {deployment: }"), "6:15: LS021 missing input 'deployment' of 'deploy'"),
        BadFile(Sample.step("uses: wait", "with: {revision: r}"), "7:16: LS020 unknown input 'revision' of 'wait'"),
        BadFile(Sample.step("uses: wait", "with: [r]"), "7:15: LS006 'with' must be a mapping, found a list"),
        BadFile(
            Sample.step("uses: wait", "with: {revision-id: '${{ secrets.X }}'}"),
            "7:34: LS011 secret not allowed here"),
        BadFile(
            Sample.step("uses: deploy", "with: {deployment: x, token: '${{ toJSON(secrets) }}'}"),
            "7:50: LS011 invalid secret reference"),
    ]
}

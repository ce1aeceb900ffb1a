/// Mistakes in `uses` and `with`.
extension BadFile {
    static let stepTypes = [
        BadFile(Sample.step("uses: deplyo"), "6:15: LS019 no step type is named 'deplyo'"),
        BadFile(Sample.step("uses: actions/checkout@v4"), "6:15: LS019 no step type is named 'actions/checkout@v4'"),
        BadFile(Sample.step("uses: ../up.yml"), "6:15: LS019 no step type is named '../up.yml'"),
        BadFile(Sample.step("uses: ./a/../../up.yml"), "6:15: LS019 no step type is named './a/../../up.yml'"),
        BadFile(Sample.step("uses: run"), "6:15: LS019 'run' is no step type"),
        BadFile(Sample.step("uses: ${{ inputs.x }}"), "6:15: LS010 'uses' cannot hold an expression"),
        BadFile(Sample.step("uses: deploy"), "6:15: LS021 'deploy' needs 'deployment' in 'with'"),
        BadFile(
            Sample.step("uses: deploy", "with: {deployment: }"), "6:15: LS021 'deploy' needs 'deployment' in 'with'"),
        BadFile(Sample.step("uses: wait", "with: {revision: r}"), "7:16: LS020 'wait' takes no 'revision'"),
        BadFile(Sample.step("uses: wait", "with: [r]"), "7:15: LS006 'with' is a mapping, here is a list"),
        BadFile(
            Sample.step("uses: wait", "with: {revision-id: '${{ secrets.X }}'}"),
            "7:34: LS011 a secret cannot be used here"),
        BadFile(
            Sample.step("uses: deploy", "with: {deployment: x, token: '${{ toJSON(secrets) }}'}"),
            "7:50: LS011 name one secret"),
    ]
}

extension CIContext {
    static func gitlab(_ variables: CIEnvironment) -> CIContext {
        var context = CIContext(provider: .gitlab)
        context.runURL = variables["CI_JOB_URL"] ?? variables["CI_PIPELINE_URL"]
        context.environmentName = variables["CI_ENVIRONMENT_NAME"]
        context.changeNumber = variables["CI_MERGE_REQUEST_IID"].flatMap { Int($0) }
        // This is the job that an environment names in on_stop.
        if variables["CI_ENVIRONMENT_ACTION"] == "stop" { context.changeAction = "closed" }
        context.reference = reference(variables)
        context.commit = variables["CI_COMMIT_SHA"].flatMap { CommitID($0) }
        // Set only in merged results pipelines, where CI_COMMIT_SHA is a merge that is on no branch.
        if let source = variables["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"].flatMap({ CommitID($0) }) {
            context.syntheticMerge = context.commit
            context.commit = source
        }
        if let source = variables["CI_MERGE_REQUEST_SOURCE_PROJECT_PATH"] {
            context.isFromFork = source != (variables["CI_MERGE_REQUEST_PROJECT_PATH"] ?? variables["CI_PROJECT_PATH"])
        }
        return context
    }

    private static func reference(_ variables: CIEnvironment) -> GitReference? {
        if let tag = variables["CI_COMMIT_TAG"] { return .tag(tag) }
        // In merge request pipelines CI_COMMIT_REF_NAME may be refs/merge-requests/7/head.
        let branch =
            variables["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"] ?? variables["CI_COMMIT_BRANCH"]
            ?? variables["CI_COMMIT_REF_NAME"]
        return branch.map { .branch($0) }
    }
}

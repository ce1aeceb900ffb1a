import WorkflowModel

/// The keys of a `langgraph.json`.
enum LangGraphKeys {
    private static let used = [
        "$schema", "auth", "checkpointer", "dependencies", "encryption", "env", "graphs", "http", "node_version",
        "pip_config_file", "priority", "python_version", "source", "store", "ui", "ui_config", "webhooks",
    ]

    /// About the image that LangSmith builds.
    private static let ofImages = [
        "_INTERNAL_docker_tag", "api_version", "base_image", "dockerfile_lines", "image_distro", "internal_docker_tag",
        "keep_pkg_tools", "pip_installer",
    ]

    /// One for each key without effect on the local control plane.
    static func remarks(on keys: [String]) -> [String] {
        keys.filter { !used.contains($0) }.map { key in
            guard !ofImages.contains(key) else {
                return "\"\(key)\" is not used by the local control plane, which builds no image"
            }
            let suggestion = Suggestion.closest(to: key, among: used + ofImages).map { ": did you mean \"\($0)\"?" }
            return "unknown key \"\(key)\"" + (suggestion ?? "")
        }
    }
}

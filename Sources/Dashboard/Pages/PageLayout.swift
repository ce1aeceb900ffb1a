import Reports

/// What one page has in place of another.
struct PageContent: Sendable {
    struct Reload: Sendable {
        var seconds: Int
        var path = ""
    }

    enum Section: Sendable { case deployments, runs, none }

    var title: String
    var section = Section.none
    /// For browsers without scripts, which `live` would not reach; with a path for all.
    var reload: Reload?
    /// Where the page's server-sent events come from.
    var live = ""
    var hasNavigation = true
    var body: [HTML]
}

/// The frame of every page.
struct PageLayout: Sendable {
    /// What is shown of the control plane.
    let controlPlane: String
    let isReadOnly: Bool

    func page(_ content: PageContent) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>\(HTML.text(content.title).markup) · slipway</title>
        \(HTML.joined(head(content)).markup)
        </head>
        \(HTML.element("body", ["data-live-from": content.live], body(content)).markup)
        </html>

        """
    }

    private func head(_ content: PageContent) -> [HTML] {
        let files: [HTML] = [
            .void("link", ["rel": "icon", "href": "/icon.svg", "type": "image/svg+xml"]),
            .void("link", ["rel": "stylesheet", "href": "/dashboard.css"]),
            .element("script", ["src": "/dashboard.js", "defer": "defer"]),
        ]
        guard let reload = content.reload else { return files }
        let target = reload.path.isEmpty ? "" : ";url=\(reload.path)"
        let meta = HTML.void("meta", ["http-equiv": "refresh", "content": "\(reload.seconds)\(target)"])
        return files + [reload.path.isEmpty ? .element("noscript", [:], [meta]) : meta]
    }

    private func body(_ content: PageContent) -> [HTML] {
        let main = HTML.element("main", ["id": "main", "tabindex": "-1"], content.body)
        guard content.hasNavigation else { return [main] }
        return [.element("a", ["class": "skip", "href": "#main"], "Skip to content"), header(content), main, footer]
    }

    private func header(_ content: PageContent) -> HTML {
        func link(_ text: String, _ path: String, _ section: PageContent.Section) -> HTML {
            .element("a", ["href": path, "aria-current": content.section == section ? "page" : ""], text)
        }
        let marks =
            [HTML.element("span", ["class": "plane", "title": "Control plane"], controlPlane)]
            + (isReadOnly ? [.element("span", ["class": "tag"], "read-only")] : [])
        return .element(
            "header", ["class": "site"],
            [
                .element("a", ["class": "brand", "href": "/"], "slipway"),
                .element(
                    "nav", ["aria-label": "Main"],
                    [link("Deployments", "/", .deployments), link("Runs", "/runs", .runs)]),
                .element("p", ["class": "where"], marks),
            ])
    }

    private var footer: HTML {
        func row(_ key: String, _ meaning: String) -> HTML {
            .element("div", [:], [.element("dt", [:], [.element("kbd", [:], key)]), .element("dd", [:], meaning)])
        }
        let keys =
            [row("/", "Search deployments"), row("h", "All deployments"), row("u", "Runs")]
            + (isReadOnly ? [] : [row("r", "Roll back the deployment on the page")]) + [row("?", "These keys")]
        let toggle = HTML.element(
            "p", ["class": "toggle"],
            [
                .element(
                    "label", [:],
                    [
                        .void("input", ["type": "checkbox", "id": "keys-on", "checked": "checked"]),
                        .text(" Single-key shortcuts"),
                    ])
            ])
        return .element(
            "footer", ["class": "site"],
            [
                .element(
                    "details", ["id": "keys"],
                    [.element("summary", [:], "Keyboard"), .element("dl", ["class": "keys"], keys), toggle])
            ])
    }
}

/// A page with a message only.
struct MessagePage: Sendable {
    let error: PageError
    var hasNavigation = true

    var content: PageContent {
        PageContent(
            title: error.title, hasNavigation: hasNavigation,
            body: [.element("h1", [:], error.title), .element("p", [:], error.message)])
    }
}

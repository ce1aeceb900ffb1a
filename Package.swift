// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }

let web: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
    nio("NIOCore"),
]

let server: [Target.Dependency] =
    web + [
        .product(name: "GRDB", package: "GRDB.swift"), nio("NIOConcurrencyHelpers"), nio("NIOHTTP1"), nio("NIOPosix"),
    ]

let plane: [Target.Dependency] =
    [
        "Clocks", "ControlPlaneTypes", "CZlib", "Dashboard", "Git", "JSON", "Processes", "Redaction", "WorkflowModel",
        argumentParser,
    ] + server

/// A library of ours; the arrows between them are drawn in docs/architecture.md.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func executable(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil, resources: [Resource] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, resources: resources, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name)] + (name == "TestSupport" ? [] : ["TestSupport"]) + dependencies,
        swiftSettings: strict)
}

let package = Package(
    name: "slipway",
    products: [
        .executable(name: "slipway", targets: ["CLI"]),
        .executable(name: "slipway-control-plane", targets: ["LocalControlPlane"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CLibyaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSpawn"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        library("Files"),
        library("Clocks"),
        library("JSON"),
        library("Processes", ["CSpawn", "Clocks", nio("NIOConcurrencyHelpers")]),
        library("Redaction", ["JSON"]),
        library("ControlPlaneTypes", ["JSON", "Redaction"]),
        library("ControlPlane", ["CLibcurl", "Clocks", "ControlPlaneTypes", "JSON", "Redaction"]),
        library("Git", ["CLibgit2", "CZlib", "Clocks", "Files", subprocess]),
        library("WorkflowModel", ["CLibyaml", "Clocks", "Redaction"]),
        library("Fleet", ["Clocks", "Redaction", "WorkflowModel"]),
        library(
            "Export", ["Clocks", "Fleet", "WorkflowModel"],
            resources: [.embedInCode("Temporal/worker.py"), .embedInCode("Temporal/start.py")]),
        library("Engine", ["Clocks", "Files", "Redaction", "WorkflowModel"]),
        library(
            "Steps",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Files", "Fleet", "Git", "JSON", "Redaction",
                "WorkflowModel", subprocess, system,
            ],
            resources: [.embedInCode("Workflows/deploy.yml"), .embedInCode("Workflows/rollback.yml")]),
        library("Reports", ["Clocks", "ControlPlaneTypes", "Engine", "Redaction", "WorkflowModel"]),
        library("History", ["ControlPlaneTypes", "Engine", "Reports", "WorkflowModel"]),
        library(
            "Dashboard", ["Clocks", "ControlPlaneTypes", "Engine", "Files", "Processes", "Redaction", "Reports"] + web,
            resources: [.embedInCode("Assets/dashboard.css"), .embedInCode("Assets/dashboard.js")]),
        library(
            "TestSupport",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Git", "JSON", "Redaction", "WorkflowModel",
                subprocess,
            ]),

        library(
            "Simulation",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Fleet", "Git", "Redaction", "Reports",
                "Steps", "TestSupport", "WorkflowModel",
            ]),

        executable(
            "CLI",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Export", "Files", "Fleet", "Git", "History",
                "JSON", "Redaction", "Reports", "Steps", "WorkflowModel", argumentParser, subprocess, system,
            ]),
        executable("LocalControlPlane", plane, resources: [.embedInCode("Routes/openapi.json")]),

        tests(of: "Files"),
        tests(of: "Clocks"),
        tests(of: "JSON"),
        tests(of: "Redaction", ["JSON"]),
        tests(of: "ControlPlaneTypes", ["JSON", "Redaction"]),
        tests(of: "ControlPlane", ["CLibcurl", "Clocks", "ControlPlaneTypes", "JSON", "Redaction"]),
        tests(of: "Git"),
        tests(of: "WorkflowModel"),
        tests(
            of: "Fleet",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Redaction", "Reports", "Simulation", "Steps",
                "WorkflowModel",
            ]),
        tests(of: "Export", ["Clocks", "Fleet", "WorkflowModel"]),
        tests(of: "Engine", ["Clocks", "Redaction", "WorkflowModel"]),
        tests(
            of: "Steps",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Git", "JSON", "Redaction", "Simulation",
                "WorkflowModel",
            ]),
        tests(of: "Reports", ["Clocks", "ControlPlaneTypes", "Engine", "Redaction", "WorkflowModel", subprocess]),
        tests(of: "History", ["ControlPlaneTypes", "Engine", "Redaction", "Reports", "WorkflowModel"]),
        tests(
            of: "CLI",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Export", "Git", "History", "JSON",
                "Redaction", "Reports", "Steps", "WorkflowModel", argumentParser,
            ]),
        tests(
            of: "LocalControlPlane",
            ["Clocks", "ControlPlane", "ControlPlaneTypes", "CZlib", "Git", "JSON", "Processes", "Redaction"] + server),
        tests(of: "Dashboard", ["Clocks", "Engine", "Processes", "Redaction", "Reports"] + web),
        tests(
            of: "TestSupport",
            ["Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Git", "JSON", "Redaction", "WorkflowModel"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestSupport", "ControlPlaneTypes", "Git", "JSON", "Redaction", "WorkflowModel", subprocess, system,
            ],
            swiftSettings: strict),
    ]
)

if Context.environment["SLIPWAY_BENCHMARKS"] != nil {
    package.targets.append(
        executable(
            "Benchmarks",
            [
                "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Redaction", "Simulation", "Steps",
                "TestSupport", "WorkflowModel", argumentParser,
            ],
            path: "Benchmarks/Sources"))
}

// Benchmarks/fuzz.sh: the control plane as a library, because programs cannot be imported.
if Context.environment["SLIPWAY_FUZZ"] != nil {
    package.products = []
    package.targets.removeAll { $0.type == .test || ["CLI", "LocalControlPlane"].contains($0.name) }
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Benchmarks/CLibFuzzer"),
        .target(
            name: "LocalControlPlane", dependencies: plane, resources: [.embedInCode("Routes/openapi.json")],
            swiftSettings: strict + [.define("FUZZING")]),
        executable(
            "Fuzz",
            [
                "CLibFuzzer", "Clocks", "ControlPlane", "ControlPlaneTypes", "Engine", "Git", "JSON",
                "LocalControlPlane", "Redaction", "Reports", "Steps", "TestSupport", "WorkflowModel", argumentParser,
            ],
            path: "Benchmarks/Fuzz"),
    ]
}

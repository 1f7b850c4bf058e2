// swift-tools-version: 6.0

import PackageDescription

// generate.sh lays the generated sources, headers and the native library where this expects them.
let library = Context.packageDirectory + "/.library"

// The generated sources are of language mode 5; an app of mode 6 can import them.
let mode: [SwiftSetting] = [.swiftLanguageMode(.v5)]

let package = Package(
    name: "IdCardVerification",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "IdCardVerification", targets: ["IdCardVerification"]),
        .library(name: "IdCardTools", targets: ["IdCardTools"]),
        .executable(name: "example", targets: ["Example"]),
        .executable(name: "device", targets: ["Device"]),
    ],
    targets: [
        .systemLibrary(name: "IdCardVerificationFFI"),
        .systemLibrary(name: "IdCardToolsFFI"),
        .target(
            name: "IdCardVerification",
            dependencies: ["IdCardVerificationFFI"],
            swiftSettings: mode,
            linkerSettings: [
                .unsafeFlags(["-L\(library)", "-Xlinker", "-rpath", "-Xlinker", library])
            ]
        ),
        .target(
            name: "IdCardTools",
            dependencies: ["IdCardToolsFFI", "IdCardVerification"],
            swiftSettings: mode,
            linkerSettings: [
                .unsafeFlags(["-L\(library)", "-Xlinker", "-rpath", "-Xlinker", library])
            ]
        ),
        .executableTarget(
            name: "Example",
            dependencies: ["IdCardVerification", "IdCardTools"],
            swiftSettings: mode
        ),
        .executableTarget(
            name: "Device",
            dependencies: ["IdCardVerification", "IdCardTools"],
            swiftSettings: mode
        ),
        .testTarget(
            name: "IdCardVerificationTests",
            dependencies: ["IdCardVerification", "IdCardTools"],
            swiftSettings: mode
        ),
    ]
)

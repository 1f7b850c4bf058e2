// swift-tools-version: 6.0

import PackageDescription

// A package of a user's own; `tests/run/consumers.sh` fills in where the repository is.
let package = Package(
    name: "QuickStart",
    platforms: [.macOS(.v12)],
    dependencies: [.package(name: "IdCardVerification", path: "REPOSITORY/bindings/swift")],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                .product(name: "IdCardVerification", package: "IdCardVerification"),
                .product(name: "IdCardTools", package: "IdCardVerification"),
            ]
        )
    ]
)

// swift-tools-version: 6.0

import PackageDescription

// A package of a user's own; `tests/run/consumers.sh` fills in the URL.
let package = Package(
    name: "QuickStart",
    platforms: [.macOS(.v12)],
    dependencies: [.package(url: "REPOSITORY", from: "0.1.0")],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                .product(name: "IdCardVerification", package: "idcard-verification-swift"),
                .product(name: "IdCardTools", package: "idcard-verification-swift"),
            ]
        )
    ]
)

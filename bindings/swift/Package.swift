// swift-tools-version: 6.0

import Foundation
import PackageDescription

// The XCFramework of a release; what makes a release writes it.
let release: (url: String, checksum: String)? = nil

// On Apple's systems the native library is an XCFramework: one that lies here, or the released one. Elsewhere,
// and where there is neither, it is installed on the system and found by pkg-config.
#if os(macOS)
let framework = "IdCardVerificationFFI.xcframework"
let isHere = FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + framework)
let native: Target? =
    isHere
    ? .binaryTarget(name: "IdCardVerificationFFI", path: framework)
    : release.map { .binaryTarget(name: "IdCardVerificationFFI", url: $0.url, checksum: $0.checksum) }
#else
let native: Target? = nil
#endif

// The generated sources are of language mode 5; an app of mode 6 can import them.
let mode: [SwiftSetting] = [.swiftLanguageMode(.v5)]

var products: [Product] = [.library(name: "IdCardVerification", targets: ["IdCardVerification"])]
var targets: [Target] = [
    native ?? .systemLibrary(name: "IdCardVerificationFFI", pkgConfig: "idcard-verification"),
    .target(name: "IdCardVerification", dependencies: ["IdCardVerificationFFI"], swiftSettings: mode),
]

// The sandbox and the checks are a library of the machine that tests, not of a phone.
if native == nil {
    products += [
        .library(name: "IdCardTools", targets: ["IdCardTools"]),
        .executable(name: "example", targets: ["Example"]),
        .executable(name: "device", targets: ["Device"]),
    ]
    targets += [
        .systemLibrary(name: "IdCardToolsFFI", pkgConfig: "idcard-verification-tools"),
        .target(
            name: "IdCardTools",
            dependencies: ["IdCardToolsFFI", "IdCardVerification"],
            swiftSettings: mode
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
}

let package = Package(
    name: "IdCardVerification",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: products,
    targets: targets
)

// swift-tools-version:6.0
// What the sample app knows and decides, without a screen: compiled and tested on Linux too. The layout in `App` belongs
// to the Xcode project and is no part of this package.

import PackageDescription

let package = Package(
    name: "LinliSample",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "LinliSample", targets: ["LinliSample"])],
    // Where a release was unpacked, or `ffi/swift/assemble` put it.
    dependencies: [.package(path: "../Linli")],
    targets: [
        .target(
            name: "LinliSample", dependencies: [.product(name: "Linli", package: "Linli")], path: "Logic",
            // The table of words that all samples share.
            resources: [.copy("words.tsv")])
    ]
)

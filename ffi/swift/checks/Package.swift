// swift-tools-version:6.0
// Tests of the package and of the sample app's logic, the story, and a phone for other languages to talk to. One root
// package, so that the bindings are compiled once. `ffi/swift/test` lays it beside the packages that it tests.

import PackageDescription

let linli = Target.Dependency.product(name: "Linli", package: "Linli")
let sample = Target.Dependency.product(name: "LinliSample", package: "ios")

let package = Package(
    name: "Checks",
    platforms: [.macOS(.v14)],
    dependencies: [.package(path: "../Linli"), .package(path: "../ios")],
    targets: [
        .target(name: "Story", dependencies: [linli], path: "Story"),
        .executableTarget(name: "phone", dependencies: [linli, "Story"], path: "Phone"),
        .testTarget(name: "LinliTests", dependencies: [linli, "Story"], path: "Tests/LinliTests"),
        .testTarget(name: "SampleTests", dependencies: [linli, sample, "Story"], path: "Tests/SampleTests"),
    ]
)

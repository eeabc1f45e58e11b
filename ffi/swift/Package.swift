// swift-tools-version:6.0
// The Swift package `Linli`. `ffi/swift/assemble` puts it beside what is generated: the bindings, and on Apple's systems
// the XCFramework that holds the engine.

import PackageDescription

#if os(Linux)
    // Only for tests: the engine as a shared library, found by the linker's own search path.
    let engine = Target.systemLibrary(name: "linliFFI")
#else
    let engine = Target.binaryTarget(name: "linliFFI", path: "linliFFI.xcframework")
#endif

let package = Package(
    name: "Linli",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "Linli", targets: ["Linli"])],
    targets: [
        engine,
        .target(name: "Linli", dependencies: ["linliFFI"]),
    ]
)

// Not run by CI: the Android Gradle plugin is not to be had there.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "linli-sample"
include(":app")

// The AAR as ffi/kotlin builds it. Where ffi/kotlin/build-aar has put one into a repository, that may be named instead.
includeBuild("../../ffi/kotlin")

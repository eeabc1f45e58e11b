// The AAR: generated module, idiomatic layer and the native library of four ABIs. `ffi/kotlin/build-aar` runs it.
// Not run by CI: the Android Gradle plugin is not to be had there. What it compiles, `ffi/kotlin/test` compiles too.
buildscript {
    dependencies {
        // The compiler that CI tests with; the plugin would bring an older one.
        classpath("org.jetbrains.kotlin:kotlin-gradle-plugin:2.4.20")
    }
}

plugins {
    id("com.android.library") version "9.1.0"
    `maven-publish`
}

group = "org.linli"
layout.buildDirectory = file("../../target/kotlin/gradle-build")
version = Regex("""version = "(.+)"""").find(file("../../Cargo.toml").readText())!!.groupValues[1]

android {
    namespace = "org.linli"
    compileSdk = 36
    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    sourceSets.named("main") {
        // Written by ffi/kotlin/bindings and ffi/kotlin/build-aar.
        kotlin.directories += "../../target/kotlin/bindings"
        jniLibs.directories += "../../target/kotlin/jniLibs"
    }
    packaging {
        // Mapped straight from the APK, whose entries are then aligned to pages of 16 KiB.
        jniLibs.useLegacyPackaging = false
    }
    publishing { singleVariant("release") { withSourcesJar() } }
}

dependencies {
    // 5.17 is the first whose own libraries are aligned to 16 KiB.
    api("net.java.dev.jna:jna:5.17.0@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "linli"
            afterEvaluate { from(components["release"]) }
        }
    }
    repositories {
        maven {
            name = "target"
            url = uri("../../target/kotlin/maven")
        }
    }
}

// Not run by CI: the Android Gradle plugin is not to be had there.
buildscript {
    dependencies { classpath("org.jetbrains.kotlin:kotlin-gradle-plugin:2.4.20") }
}

plugins {
    id("com.android.application") version "9.1.0" apply false
    id("org.jetbrains.kotlin.plugin.compose") version "2.4.20" apply false
}

// Nothing is built outside target.
allprojects { layout.buildDirectory = rootDir.resolve("../../target/android/${project.name}") }

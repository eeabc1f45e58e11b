// Not run by CI. What lies in `logic` and `test` is compiled and tested there by ffi/kotlin/test.
plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.plugin.compose")
}

android {
    namespace = "org.linli.sample"
    compileSdk = 36
    defaultConfig {
        applicationId = "org.linli.sample"
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    buildFeatures { compose = true }
    sourceSets.named("main") {
        kotlin.directories += "../logic"
        // The table of words that all samples share.
        resources.directories += "../../words"
    }
}

dependencies {
    implementation("org.linli:linli")
    implementation(platform("androidx.compose:compose-bom:2026.03.00"))
    implementation("androidx.compose.material3:material3")
    implementation("androidx.activity:activity-compose:1.12.0")
    implementation("androidx.lifecycle:lifecycle-viewmodel-compose:2.10.0")
    implementation("androidx.lifecycle:lifecycle-process:2.10.0")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    // Reads codes without a network and without Play services.
    implementation("com.journeyapps:zxing-android-embedded:4.3.0")
}

//! Writes the Kotlin, Swift and Python modules out of the built library.

fn main() {
    uniffi::uniffi_bindgen_main();
}

//! What types need that apps in other languages see: a mark, and the name of the library they are in.
//!
//! The bindings (`ffi`) make one library, and an app sees one module of it. A type of this crate derives what they need
//! where it stands, beside serde, and only under the feature `uniffi`. This module knows nobody.

/// Marks what crosses to another language as this crate has it. The derives look for it at the root.
#[doc(hidden)]
#[derive(Debug)]
pub struct UniFfiTag;

/// The derives ask in which module a type stands, and make a module of another language for each crate. Where this stands
/// for the compiler's own macro, the answer is the library, whatever crate the type is in.
macro_rules! library {
    () => {
        "linli_ffi"
    };
}
pub(crate) use library as module_path;

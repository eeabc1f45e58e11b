//! What must not be printed: no type derives `Debug` over the bytes of a secret.

use crate::source::{Parts, Source, is_word, words};

/// Types of `key` that print bytes of theirs, each with a reason.
const PUBLIC: [(&str, &str); 2] =
    [("DeviceRecord", "public keys, shown to be admitted"), ("Wrap", "sealed, and stored by everybody")];

/// What a secret is kept in.
const KEEPERS: [&str; 4] = ["Zeroizing", "SigningKey", "StaticSecret", "Zeroize"];
/// What in `key` can be a secret beside that.
const BYTES: [&str; 2] = ["[u8", "Vec<u8>"];

/// Types of a file that would print a secret.
pub(crate) fn printed(file: &Source, parts: &Parts) -> Vec<String> {
    let code = &parts.code;
    let mut faults = Vec::new();
    for (at, _) in code.match_indices("#[derive(") {
        let list = code[at..].split(')').next().unwrap_or_default();
        if words(list, "Debug").next().is_none() {
            continue;
        }
        let Some((name, body)) = item(&code[at + list.len()..]) else { continue };
        let held = [list, body].concat();
        let in_key = file.module() == Some("key") && BYTES.iter().any(|bytes| body.contains(bytes));
        let kept = KEEPERS.iter().any(|keeper| words(&held, keeper).next().is_some());
        if (in_key || kept) && !PUBLIC.iter().any(|(public, _)| *public == name) {
            faults.push(format!("{}: {name} derives Debug over what may be a secret", file.path));
        }
    }
    faults
}

/// The name and body of the type that begins here.
fn item(code: &str) -> Option<(&str, &str)> {
    let start = ["struct ", "enum "].iter().filter_map(|word| Some(code.find(word)? + word.len())).min()?;
    let rest = &code[start..];
    let name = rest.split(|c| !is_word(c)).next()?;
    let end = match rest.find(['{', ';'])? {
        at if rest[at..].starts_with('{') => at + rest[at..].find("\n}")?,
        at => at,
    };
    Some((name, &rest[..end]))
}

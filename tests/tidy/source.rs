//! The source tree as text: what is code, what is comment, what is string, what is test.
//!
//! Reads no syntax beyond that. Blanked characters become spaces, so that places and line numbers stay true.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

/// Where the sources of the engine, of the relay, of the bindings and of the terminal begin.
pub(crate) const ROOTS: [&str; 4] = ["core/src/", "relay/src/", "ffi/src/", "examples/phone/"];

/// One file of the tree.
pub(crate) struct Source {
    /// Its path from the top, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

/// Rust, taken apart.
pub(crate) struct Parts {
    /// Comments and the insides of strings blanked, tests too.
    pub(crate) code: String,
    /// The insides of strings outside tests.
    pub(crate) strings: Vec<String>,
    /// What `#[cfg(test)]` guards, as written.
    pub(crate) tests: String,
}

/// The top of the workspace.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}

/// Every text file below the top, in the order of paths, without what git ignores.
pub(crate) fn tree() -> Vec<Source> {
    let (top, mut found) = (top(), Vec::new());
    let mut open = vec![top.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be listed") {
            let entry = entry.expect("an entry can be read");
            let (path, name) = (entry.path(), entry.file_name());
            if entry.file_type().expect("an entry has a type").is_dir() {
                if name != "target" && name != ".git" {
                    open.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(&top).expect("below the top").to_string_lossy().replace('\\', "/");
                if path != ".git" {
                    found.push(Source { path, text });
                }
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

impl Source {
    /// Whether the name ends so.
    pub(crate) fn is(&self, ending: &str) -> bool {
        self.path.ends_with(ending)
    }

    /// The part of the engine a file belongs to: `event` for `core/src/event/run.rs`, `id` for `core/src/id.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("core/src/")?;
        Some(inside.split('/').next()?.trim_end_matches(".rs"))
    }

    /// Names of the parts on the way to this file's module: `["event", "run"]`, none for `lib.rs` and `main.rs`.
    pub(crate) fn place(&self) -> Vec<&str> {
        let inside = ROOTS.iter().find_map(|root| self.path.strip_prefix(root)).unwrap_or(&self.path);
        inside.trim_end_matches(".rs").split('/').filter(|part| !["mod", "lib", "main"].contains(part)).collect()
    }

    /// Takes Rust apart.
    pub(crate) fn parts(&self) -> Parts {
        let chars: Vec<char> = self.text.chars().collect();
        let (mut code, strings) = blank(&chars);
        let tests = tests_in(&code);
        let in_test = |at: usize| tests.iter().any(|range| range.contains(&at));
        let strings = strings.into_iter().filter(|range| !in_test(range.start));
        let strings = strings.map(|range| chars[range].iter().collect()).collect();
        for range in &tests {
            clear(&mut code, range.clone());
        }
        let tests = tests.into_iter().flat_map(|range| chars[range].iter()).collect();
        Parts { code: code.into_iter().collect(), strings, tests }
    }
}

/// Files of Rust, taken apart, and whether each is a test as a whole: declared under `#[cfg(test)]`, or below `tests/`.
pub(crate) fn rust(tree: &[Source]) -> Vec<(&Source, Parts, bool)> {
    let files: Vec<_> = tree.iter().filter(|file| file.is(".rs")).map(|file| (file, file.parts())).collect();
    let mut test_modules = vec!["tests/".to_owned()];
    for (file, parts) in &files {
        let stem = file.path.trim_end_matches(".rs");
        let folder = stem.strip_suffix("/mod").or_else(|| stem.strip_suffix("/lib")).unwrap_or(stem);
        for declared in parts.tests.split("mod ").skip(1) {
            let name: String = declared.chars().take_while(|c| is_word(*c)).collect();
            if declared[name.len()..].starts_with(';') {
                test_modules.push(format!("{folder}/{name}.rs"));
                test_modules.push(format!("{folder}/{name}/"));
            }
        }
    }
    let is_test = |path: &str| test_modules.iter().any(|module| path.starts_with(module.as_str()));
    files.into_iter().map(|(file, parts)| (file, parts, is_test(&file.path))).collect()
}

/// Whether a character can stand in a name.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Places at which a word stands by itself.
pub(crate) fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| !text[..*at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word))
}

/// The line a place is on, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn clear(chars: &mut [char], range: Range<usize>) {
    for c in chars[range].iter_mut().filter(|c| **c != '\n') {
        *c = ' ';
    }
}

/// Blanks comments, strings and characters; says where the strings were.
fn blank(chars: &[char]) -> (Vec<char>, Vec<Range<usize>>) {
    let (mut code, mut strings, mut at) = (chars.to_vec(), Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        let (length, inside) = match rest {
            ['/', '/', ..] => (until(rest, |rest| rest[0] == '\n'), None),
            ['/', '*', ..] => (comment(rest), None),
            ['r', '#' | '"', ..] if !names(&chars[..at]) && raw(rest).is_some() => {
                let hashes = raw(rest).unwrap_or(0);
                let mut end = vec!['"'];
                end.resize(hashes + 1, '#');
                let body = until(&rest[hashes + 2..], |rest| rest.starts_with(&end));
                (body + 2 * hashes + 3, Some(hashes + 2..hashes + 2 + body))
            }
            ['"', ..] => {
                let body = quoted(&rest[1..], '"');
                (body + 2, Some(1..1 + body))
            }
            ['\'', '\\', ..] | ['\'', _, '\'', ..] => (quoted(&rest[1..], '\'') + 2, None),
            _ => {
                at += 1;
                continue;
            }
        };
        let end = (at + length).min(chars.len());
        clear(&mut code, at..end);
        strings.extend(inside.map(|inside| at + inside.start..(at + inside.end).min(chars.len())));
        at = end;
    }
    (code, strings)
}

fn until(chars: &[char], stop: impl Fn(&[char]) -> bool) -> usize {
    (0..chars.len()).find(|at| stop(&chars[*at..])).unwrap_or(chars.len())
}

/// Length of a block comment, comments inside it included.
fn comment(chars: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < chars.len() {
        match chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length up to the closing quote.
fn quoted(chars: &[char], quote: char) -> usize {
    let mut at = 0;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at.min(chars.len())
}

/// Hashes of a raw string that begins here; `None` for a raw name.
fn raw(chars: &[char]) -> Option<usize> {
    let hashes = until(&chars[1..], |rest| rest[0] != '#');
    (chars.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

/// Whether what stands before is part of a name; `b` and `c` by themselves begin a string.
fn names(before: &[char]) -> bool {
    match before {
        [.., one, 'b' | 'c'] => is_word(*one),
        ['b' | 'c'] => false,
        [.., last] => is_word(*last),
        [] => false,
    }
}

/// Where `#[cfg(test)]` and the item it guards stand.
fn tests_in(code: &[char]) -> Vec<Range<usize>> {
    let guard: Vec<char> = "#[cfg(test)]".chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < code.len() {
        if code[at..].starts_with(&guard) {
            let end = item(code, at + guard.len());
            found.push(at..end);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// The end of the item that begins here: its closing brace, or a semicolon outside all brackets.
fn item(code: &[char], from: usize) -> usize {
    let mut depth = 0_i32;
    for (at, c) in code.iter().enumerate().skip(from) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' => depth -= 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

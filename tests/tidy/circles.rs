//! Circles: what lies in one folder, file or folder, can be put in an order in which each names earlier ones alone.
//!
//! A name that a folder's own file passes on leads to where it comes from. That file itself stands above what is in its
//! folder, and is in no circle with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    arrow::paths,
    source::{Parts, Source},
};

/// How many times a name may be passed on.
const HOPS: usize = 8;

type Module<'a> = Vec<&'a str>;

/// Each circle: its folder and what is in it, in order.
pub(crate) fn found(files: &[(&Source, &Parts)]) -> Vec<Vec<String>> {
    let mut tree: BTreeMap<Module<'_>, Vec<Module<'_>>> = BTreeMap::new();
    for (file, parts) in files {
        // A library and a program beside each other have one top.
        let named = tree.entry(file.place()).or_default();
        named.extend(names(&file.place(), &parts.code).iter().map(|name| leak(name)));
    }
    let in_the_arrow = files.iter().any(|(file, _)| file.module().is_some());
    let mut folders: BTreeMap<Module<'_>, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (module, names) in &tree {
        for target in names.iter().map(|name| resolve(&tree, name, HOPS)) {
            let shared = module.iter().zip(&target).take_while(|(one, other)| one == other).count();
            // What is at the engine's top lies in the arrow.
            let ordered = shared > 0 || !in_the_arrow;
            if let (true, Some(from), Some(to)) = (ordered, module.get(shared), target.get(shared)) {
                folders.entry(module[..shared].to_vec()).or_default().entry(from).or_default().insert(to);
            }
        }
    }
    folders.iter().flat_map(|(folder, graph)| circles(folder, graph)).collect()
}

/// Everything that a file names inside of the engine, from its root.
fn names(module: &[&str], code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (_, path) in paths(code, "crate") {
        found.push(path.split("::").skip(1).map(str::to_owned).collect());
    }
    for (_, path) in paths(code, "super") {
        let climbs = path.split("::").take_while(|part| *part == "super").count();
        let from = module.iter().take(module.len().saturating_sub(climbs)).copied();
        found.push(from.chain(path.split("::").skip(climbs)).map(str::to_owned).collect());
    }
    // What a folder's file takes from below it: `pub use run::Run`.
    for used in code.split("use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(used, _)| used.trim()) {
        let root: String = used.chars().take_while(|c| crate::is_word(*c)).collect();
        if !["crate", "super", "std", ""].contains(&root.as_str()) {
            for (_, path) in paths(used, &root) {
                found.push(module.iter().copied().chain(path.split("::")).map(str::to_owned).collect());
            }
        }
    }
    found
}

/// Names live as long as the test does.
fn leak(name: &[String]) -> Module<'static> {
    name.iter().map(|part| &*part.clone().leak()).collect()
}

/// The module in which what is so named stands.
fn resolve<'a>(tree: &BTreeMap<Module<'a>, Vec<Module<'a>>>, name: &[&'a str], hops: usize) -> Module<'a> {
    let length = (0..=name.len()).rev().find(|length| tree.contains_key(&name[..*length])).unwrap_or_default();
    let (module, rest) = name.split_at(length);
    let Some(wanted) = rest.first().filter(|_| hops > 0) else { return module.to_vec() };
    let passed_on = tree.get(module).into_iter().flatten();
    let mut passed_on = passed_on.filter(|passed| passed.last() == Some(wanted) && *passed != name);
    passed_on.next().map_or_else(|| module.to_vec(), |passed| resolve(tree, passed, hops - 1))
}

/// What can be reached from where it begins, each circle once.
fn circles(folder: &[&str], graph: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<Vec<String>> {
    let reached = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(one) = open.pop() {
            let next = graph.get(one.as_str()).into_iter().flatten();
            open.extend(next.filter(|next| seen.insert((**next).to_owned())).map(|next| (*next).to_owned()));
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<String>> = graph.keys().map(|one| (*one, reached(one))).collect();
    let mut found = BTreeSet::new();
    for (one, reached) in all.iter().filter(|(one, reached)| reached.contains(**one)) {
        let back = reached.iter().filter(|other| all.get(other.as_str()).is_some_and(|back| back.contains(*one)));
        let circle: BTreeSet<String> = back.cloned().collect();
        found.insert([format!("{}:", folder.join("/"))].into_iter().chain(circle).collect::<Vec<_>>());
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        below("core/src/", files)
    }

    fn below(root: &str, files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source { path: format!("{root}{path}"), text: (*text).to_owned() })
            .collect();
        let parts: Vec<Parts> = sources.iter().map(Source::parts).collect();
        found(&sources.iter().zip(&parts).collect::<Vec<_>>())
    }

    #[test]
    fn a_circle_is_seen_through_what_a_folder_passes_on() {
        let folder = ("net/mod.rs", "mod a;\nmod b;\npub use a::{First, self};\npub use b::Second;");

        let circle = told(&[folder, ("net/a.rs", "use super::Second;"), ("net/b.rs", "fn f(a: crate::net::First) {}")]);
        let order = told(&[folder, ("net/a.rs", "// use super::Second;"), ("net/b.rs", "use super::{First, a};")]);

        assert_eq!(circle, [["net:", "a", "b"]]);
        assert_eq!(order, Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_folder_counts_as_one_and_its_file_stands_above_it() {
        let files = [
            ("net/mod.rs", "mod a;\nmod b;\nstruct Node(a::A);"),
            ("net/a/mod.rs", "mod c;\npub use c::C;"),
            ("net/a/c.rs", "use crate::net::b::B;\nuse super::super::Node;"),
            ("net/b.rs", "use super::a::C;"),
        ];

        assert_eq!(told(&files), [["net:", "a", "b"]]);
        assert_eq!(told(&files[..3]), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_circle_at_the_top_is_seen_where_no_arrow_is() {
        let files = [
            ("lib.rs", "mod copies;\nmod home;\npub use home::Home;"),
            ("main.rs", "mod command;\nuse command::Command;"),
            ("home.rs", "use crate::copies;"),
            ("copies.rs", "use crate::Home;"),
            ("command.rs", "use super::Command;"),
        ];

        assert_eq!(below("relay/src/", &files), [[":", "copies", "home"]]);
        assert_eq!(told(&files), Vec::<Vec<String>>::new());
    }
}

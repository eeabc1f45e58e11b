//! What comes in from others: licences, places, doubles and crates that are unwanted, as `.cargo/deny.toml` has it.
//!
//! Judges what cargo says of every package on every system, with all features, and of what a relay is made. Installs nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde::Deserialize;

use crate::{none, source::top};

#[test]
fn what_comes_in_is_allowed_to() {
    none(faults(&rules(), &packages()));
}

#[test]
fn each_word_of_the_list_of_what_may_come_in_is_needed() {
    let (rules, packages) = (rules(), packages());
    let mut found = Vec::new();

    let excepted = rules.licenses.exceptions.iter().flat_map(|exception| &exception.allow);
    for licence in rules.licenses.allow.iter().chain(excepted) {
        let needs =
            |package: &Package| rules.licenses.free(package, None) && !rules.licenses.free(package, Some(licence));
        if !packages.iter().any(needs) {
            found.push(format!("nothing needs {licence}"));
        }
    }
    for skipped in &rules.bans.skip {
        let name = skipped.spec.split('@').next().unwrap_or_default();
        let versions = packages.iter().filter(|package| package.name == name).count();
        if versions < 2 || !packages.iter().any(|package| skipped.names(package)) {
            found.push(format!("{} comes in no second version any more", skipped.spec));
        }
    }
    let listed = rules.bans.skip.iter().chain(&rules.bans.deny);
    found.extend(
        listed.filter(|named| named.reason.trim().is_empty()).map(|named| format!("{}: no reason", named.spec)),
    );

    none(found);
}

#[test]
fn docs_are_built_from_features_that_there_are() {
    let mut found = Vec::new();

    for package in
        packages().iter().filter(|package| ["linli-core", "linli-ffi", "linli-relay"].contains(&package.name.as_str()))
    {
        let Some(chosen) = package.metadata["docs"]["rs"]["features"].as_array() else {
            found.push(format!("{} does not say what docs.rs is to build", package.name));
            continue;
        };
        let unknown =
            chosen.iter().filter(|name| !name.as_str().is_some_and(|name| package.features.contains_key(name)));
        found.extend(unknown.map(|name| format!("{} has no feature {name}", package.name)));
    }

    none(found);
}

#[test]
fn a_relay_is_made_without_what_reads_bodies_and_what_apps_are_shown() {
    let phones = ["automerge", "uniffi"].map(str::to_owned);

    let (relay, apps) = (made_of("linli-relay"), made_of("linli-ffi"));

    assert!(phones.iter().all(|name| apps.contains(name)), "a phone is made with both");
    none(phones.into_iter().filter(|name| relay.contains(name)).collect());
}

#[test]
fn what_must_not_come_in_is_seen() {
    let rules = rules();
    let of = |change: &dyn Fn(&mut Package)| {
        let mut package = Package {
            name: "guest".into(),
            version: "1.2.3".into(),
            license: Some("MIT".into()),
            ..Package::default()
        };
        change(&mut package);
        package
    };
    let said = |packages: &[Package]| faults(&rules, packages).len();

    assert_eq!(said(&[of(&|_| {})]), 0);
    for licence in
        ["GPL-3.0", "MIT AND GPL-3.0", "GPL-2.0 WITH Classpath-exception-2.0", "(GPL-3.0 OR AGPL-3.0) AND MIT", ""]
    {
        assert_eq!(said(&[of(&|package| package.license = Some(licence.into()))]), 1, "{licence}");
    }
    for licence in ["GPL-3.0 OR MIT", "GPL-3.0/MIT", "(GPL-3.0 OR MIT) AND ISC", "MIT OR GPL-3.0 AND LGPL-3.0"] {
        assert_eq!(said(&[of(&|package| package.license = Some(licence.into()))]), 0, "{licence}");
    }
    assert_eq!(said(&[of(&|package| package.license = None)]), 1);
    assert_eq!(said(&[of(&|package| package.source = Some("git+https://example.org/guest".into()))]), 1);
    assert_eq!(said(&[of(&|package| package.source = Some("registry+https://example.org/index".into()))]), 1);
    assert_eq!(said(&[of(&|_| {}), of(&|package| package.version = "2.0.0".into())]), 1);
    assert_eq!(said(&[of(&|package| package.name = "native-tls".into())]), 1);
    let named = |spec: &str| Named { spec: spec.into(), reason: String::new() };
    assert!(named("guest@1").names(&of(&|_| {})) && named("guest@1.2").names(&of(&|_| {})));
    assert!(
        !named("guest@1.20").names(&of(&|_| {}))
            && !named("guest@1").names(&of(&|package| package.version = "12.0.0".into()))
    );
}

/// What of these packages the rules do not let in.
fn faults(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let name = &package.name;
        if !rules.licenses.free(package, None) {
            found.push(format!("{name}: licence {}", package.license.as_deref().unwrap_or("unknown")));
        }
        let registry = |source: &str| {
            source
                .strip_prefix("registry+")
                .is_some_and(|at| rules.sources.allow_registry.iter().any(|known| known == at))
        };
        if let Some(source) = package.source.as_deref().filter(|source| !registry(source)) {
            found.push(format!("{name}: comes from {source}"));
        }
        if let Some(banned) = rules.bans.deny.iter().find(|banned| banned.names(package)) {
            found.push(format!("{name}: {}", banned.reason));
        }
        if !rules.bans.skip.iter().any(|skipped| skipped.names(package)) {
            versions.entry(name).or_default().insert(&package.version);
        }
    }
    let doubles = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    found.extend(doubles.map(|(name, versions)| format!("{name}: versions {versions:?}")));
    found
}

/// Whether what is under this expression may be used, where these licences are allowed.
fn is_free(licence: &str, allow: &[&str]) -> bool {
    let spaced = licence.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words, allow) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// `A OR B`. Both sides are read, whatever the first says.
fn either(words: &mut Words<'_>, allow: &[&str]) -> bool {
    let mut free = both(words, allow);
    while words.next_if_eq(&"OR").is_some() {
        free |= both(words, allow);
    }
    free
}

/// `A AND B`, which binds closer.
fn both(words: &mut Words<'_>, allow: &[&str]) -> bool {
    let mut free = one(words, allow);
    while words.next_if_eq(&"AND").is_some() {
        free &= one(words, allow);
    }
    free
}

/// One licence, as a whole with its exception, or what stands in parentheses.
fn one(words: &mut Words<'_>, allow: &[&str]) -> bool {
    let mut licence = words.next().unwrap_or_default().to_owned();
    if licence == "(" {
        let free = either(words, allow);
        return words.next() == Some(")") && free;
    }
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    allow.contains(&licence.as_str())
}

fn rules() -> Rules {
    let text = std::fs::read_to_string(top().join(".cargo/deny.toml")).expect("the list can be read");
    toml::from_str(&text).expect("the list is understood")
}

fn packages() -> Vec<Package> {
    let said = cargo(&["metadata", "--format-version", "1", "--locked", "--all-features"]);
    let told: Metadata = serde_json::from_slice(&said).expect("cargo says JSON");
    assert!(told.packages.len() > 100, "the tree of packages is larger");
    told.packages
}

/// The names of all that one of our packages is linked with where it is built by itself, as it is for use.
fn made_of(package: &str) -> BTreeSet<String> {
    let said = cargo(&["tree", "--locked", "--package", package, "--edges", "normal", "--prefix", "none"]);
    let told = String::from_utf8(said).expect("cargo says text");
    told.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn cargo(args: &[&str]) -> Vec<u8> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let said = Command::new(cargo).args(args).current_dir(top()).output().expect("cargo runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    said.stdout
}

/// The part of `.cargo/deny.toml` that is looked at here; its words mean what cargo-deny means by them.
#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    sources: Sources,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

/// What one crate alone may have beside that.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

impl Licenses {
    /// Whether the package may be used, a licence put aside.
    fn free(&self, package: &Package, aside: Option<&str>) -> bool {
        let own = self.exceptions.iter().filter(|exception| exception.name == package.name);
        let allowed = self.allow.iter().chain(own.flat_map(|exception| &exception.allow)).map(String::as_str);
        is_free(
            package.license.as_deref().unwrap_or_default(),
            &allowed.filter(|name| Some(*name) != aside).collect::<Vec<_>>(),
        )
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Named>,
    deny: Vec<Named>,
}

/// A crate, or the versions of one behind `@`, with a word on why it is on a list.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "crate")]
    spec: String,
    reason: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Clone, Default, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    metadata: serde_json::Value,
}

impl Named {
    fn names(&self, package: &Package) -> bool {
        let (name, versions) = self.spec.split_once('@').map_or((self.spec.as_str(), None), |(n, v)| (n, Some(v)));
        let starts = |versions| {
            package
                .version
                .strip_prefix(versions)
                .is_some_and(|rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        name == package.name && versions.is_none_or(starts)
    }
}

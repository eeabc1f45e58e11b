//! Bundles: what this phone holds as a file, for a memory card or a chat; and such files taken in.

use std::{
    fs::File,
    io::{IsTerminal, stderr},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use linli_core::{
    replica::{BundleReport, Ending, ExportError, ImportError, ImportReport, Replica, What},
    sync::BundleError,
};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    wrong::Wrong,
};

#[derive(Subcommand)]
pub(crate) enum BundleSubcommand {
    Export(ExportBundle),
    Import {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct ExportBundle {
    file: PathBuf,
    #[arg(long, conflicts_with_all = ["peer", "urgent"])]
    all: bool,
    #[arg(long = "for", value_name = "DEVICE", conflicts_with = "urgent")]
    peer: Option<String>,
    #[arg(long)]
    urgent: bool,
}

pub(crate) fn run(phone: &Phone, command: BundleSubcommand) -> Outcome<Answer> {
    match command {
        BundleSubcommand::Export(export) => write(phone, &export),
        BundleSubcommand::Import { files } => read(phone, &files),
    }
}

fn unwritable(file: &Path, kind: std::io::ErrorKind) -> Failure {
    Failure::unwritable(file, kind)
}

fn write(phone: &Phone, export: &ExportBundle) -> Outcome<Answer> {
    let what = match &export.peer {
        Some(peer) => What::LackedBy { device: phone.device(peer)? },
        None if export.urgent => What::Urgent,
        None => What::All,
    };
    let file = &export.file;
    if file.exists() {
        return Err(Failure::new(Wrong::FileExists, json!({ "file": file.display().to_string() })));
    }
    // Beside its place and without its name until it is whole: half a bundle must not look like one.
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut to = NamedTempFile::new_in(beside).map_err(|error| unwritable(file, error.kind()))?;
    let bar = bar();
    let step = |report: BundleReport| bar.set_position(report.bytes);
    let written = phone.replica.export_bundle(what, to.as_file_mut(), step).map_err(|error| match error {
        ExportError::Write(kind) => unwritable(file, kind),
        ExportError::NotAMember => Failure::new(Wrong::NotAMember, json!({})),
        ExportError::UnknownDevice { device } => {
            Failure::new(Wrong::Unknown, json!({ "of": "device", "text": device.to_string() }))
        }
        ExportError::Store(error) => error.into(),
    })?;
    bar.finish_and_clear();
    to.as_file().sync_all().map_err(|error| unwritable(file, error.kind()))?;
    to.persist_noclobber(file).map_err(|error| unwritable(file, error.error.kind()))?;
    let name = file.display().to_string();
    let document = json!({ "file": name, "events": written.events, "runs": written.runs, "bytes": written.bytes });
    let text = phone.words.say_with("done.bundle_written", document.clone());
    Ok(Answer::new(document, [text]))
}

/// All files are tried. One that cannot be used, or is not whole, is told, and spoils no other.
fn read(phone: &Phone, files: &[PathBuf]) -> Outcome<Answer> {
    let (mut documents, mut lines, mut well) = (Vec::new(), Vec::new(), true);
    for file in files {
        let name = file.display().to_string();
        match read_one(&phone.replica, file) {
            Ok(report) => {
                lines.extend(told(phone, &name, &report));
                well &= report.ending == Ending::Whole && report.refused == Default::default();
                let mut document = json!(report);
                document["file"] = name.into();
                documents.push(document);
            }
            Err(failure) if files.len() == 1 => return Err(failure),
            Err(failure) => {
                well = false;
                lines.extend(failure.lines(phone.words));
                let mut document = failure.json(phone.words);
                document["file"] = name.into();
                documents.push(document);
            }
        }
    }
    Ok(Answer { well, ..Answer::new(json!({ "files": documents }), lines) })
}

/// Takes one file in.
pub(crate) fn read_one(replica: &Replica, file: &Path) -> Outcome<ImportReport> {
    let name = file.display().to_string();
    let unreadable = |kind| Failure::of_file(Wrong::UnreadableFile, file, kind);
    let from = File::open(file).map_err(|error| unreadable(error.kind()))?;
    let bar = bar();
    bar.set_length(from.metadata().map_or(0, |about| about.len()));
    let taken = replica.import_bundle(from, |report| bar.set_position(report.bytes));
    bar.finish_and_clear();
    taken.map_err(|error| match error {
        ImportError::NotAMember => Failure::new(Wrong::NotAMember, json!({})),
        ImportError::Read(kind) => unreadable(kind),
        ImportError::Store(error) => error.into(),
        ImportError::Bundle(BundleError::Community) => Failure::new(Wrong::ForeignBundle, json!({ "file": name })),
        ImportError::Bundle(BundleError::Version { ours, theirs }) => {
            Failure::new(Wrong::NewerBundle, json!({ "file": name, "ours": ours, "theirs": theirs }))
        }
        ImportError::Bundle(error) => {
            Failure::new(Wrong::NotABundle, json!({ "file": name, "detail": error.to_string() }))
        }
    })
}

/// What became of a file, and what to do about what did not come through.
pub(crate) fn told(phone: &Phone, name: &str, report: &ImportReport) -> Vec<String> {
    let device = report.refused.invalid_of.map(|device| device.to_string()).unwrap_or_default();
    let of_file =
        |key: &str, events: u64| phone.words.say_with(key, json!({ "file": name, "events": events, "device": device }));
    let counts = json!({ "file": name, "new": report.new, "known": report.known });
    let mut lines = vec![phone.words.say_with("done.bundle_read", counts)];
    let ending = match report.ending {
        Ending::Whole => None,
        Ending::Truncated => Some("screen.bundle_truncated"),
        Ending::Damaged => Some("screen.bundle_damaged"),
        Ending::Unreadable => Some("screen.bundle_unreadable"),
    };
    lines.extend(ending.map(|key| of_file(key, 0)));
    let refused = [
        ("screen.bundle_gap", report.refused.gap),
        ("screen.bundle_stranger", report.refused.stranger),
        ("screen.bundle_beyond", report.refused.beyond),
        ("screen.bundle_full", report.refused.full),
        ("screen.bundle_unnamed", report.refused.unnamed),
        ("screen.bundle_invalid", report.refused.invalid),
        ("screen.bundle_topic", report.refused.topic),
    ];
    let lacking = refused.into_iter().filter(|(_, events)| *events > 0);
    lines.extend(lacking.map(|(key, events)| of_file(key, events)));
    lines
}

/// Shown to people alone, and only where it takes a while.
fn bar() -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes} {wide_bar}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

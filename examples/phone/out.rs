//! The one way to the screen: every line for people, every document for scripts.
//!
//! Names, notes and labels come from other phones. Whatever is said here is cleaned, line by line, so that a text can do
//! no more than be read: it clears no screen, sets no clipboard, begins no line of its own and turns no direction around.
//! A document is exact JSON, in which such characters are written as escapes. What cannot be said is a failure: a command
//! whose answer nobody could read has not been answered.

use std::io::{self, ErrorKind, Write};

use indicatif::ProgressBar;
use linli_core::text;
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Outcome},
    wrong::Wrong,
};

/// Says lines to people.
pub(crate) fn lines<'a>(lines: impl IntoIterator<Item = &'a String>) -> Outcome<()> {
    write(io::stdout(), &cleaned(lines)).map_err(unsaid)
}

/// The same on a screen of its own, drawn anew.
pub(crate) fn redraw<'a>(lines: impl IntoIterator<Item = &'a String>) -> Outcome<()> {
    write(io::stdout(), &format!("\x1b[2J\x1b[H{}", cleaned(lines))).map_err(unsaid)
}

/// Says one document, on one line.
pub(crate) fn document(document: &Value) -> Outcome<()> {
    write(io::stdout(), &one_document(document)).map_err(unsaid)
}

/// Says how to use the program.
pub(crate) fn help(help: &str) -> Outcome<()> {
    write(io::stdout(), &text::clean_lines(help)).map_err(unsaid)
}

/// Says what went wrong. Nobody is left to be told where that does not work.
pub(crate) fn fault<'a>(lines: impl IntoIterator<Item = &'a String>) {
    let _unheard = write(io::stderr(), &cleaned(lines));
}

/// The same as one document.
pub(crate) fn fault_document(document: &Value) {
    let _unheard = write(io::stderr(), &one_document(document));
}

/// The same for what the command line was read with: it repeats what was typed.
pub(crate) fn misunderstood(usage: &str) {
    let _unheard = write(io::stderr(), &text::clean_lines(usage));
}

/// Asks something beside the answer: lines, then a question that waits on its own line.
pub(crate) fn ask<'a>(lines: impl IntoIterator<Item = &'a String>, question: &str) -> Outcome<()> {
    write(io::stderr(), &format!("{}{} ", cleaned(lines), text::line(question))).map_err(unsaid)
}

/// Says how far something is, beside a bar that turns.
pub(crate) fn progress(bar: &ProgressBar, line: &str) {
    bar.set_message(text::line(line));
}

fn cleaned<'a>(lines: impl IntoIterator<Item = &'a String>) -> String {
    lines.into_iter().map(|line| text::line(line) + "\n").collect()
}

fn one_document(document: &Value) -> String {
    text::json(&document.to_string()).into_owned() + "\n"
}

fn write(mut to: impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes()).and_then(|()| to.flush())
}

/// Whoever reads may have gone away: they need not be told.
fn unsaid(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::keyed(format!("error.{}", Failure::NOBODY_READS), json!({})),
        kind => Failure::of_system(Wrong::UnwritableOutput, kind),
    }
}

//! What the program says: lines for people, or JSON.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use linli_core::text;
use linli_relay::NoRoom;
use serde_json::{Value, json};

/// How to say it.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Says something in both ways. What comes from elsewhere, such as the page of another relay, can do no more than be
    /// read.
    ///
    /// # Errors
    /// When it cannot be written, to a full disk for instance. Whoever reads may have gone away: that is no error.
    pub(crate) fn say(self, document: &Value, text: &str) -> anyhow::Result<()> {
        let said = if self.json {
            text::json(&document.to_string()).into_owned()
        } else {
            text.lines().map(text::line).collect::<Vec<_>>().join("\n")
        };
        let mut out = io::stdout();
        match out.write_all((said + "\n").as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(error).context("the answer could not be written")
            }
            _ => Ok(()),
        }
    }

    /// Says what went wrong.
    pub(crate) fn fail(self, error: &anyhow::Error) {
        let line = if self.json {
            let mut document = json!({ "error": format!("{error:#}") });
            if error.is::<NoRoom>() {
                document["code"] = NoRoom::CODE.into();
            }
            text::json(&document.to_string()).into_owned()
        } else {
            text::clean_lines(&format!("linli-relay: {error:#}")).into_owned()
        };
        let _gone = writeln!(io::stderr(), "{line}");
    }

    /// Where log lines go: to the standard error, each as one line whatever a peer's words in it hold.
    pub(crate) fn log(self) -> Log {
        Log { json: self.json }
    }
}

/// Writes log lines. The log gives each of them in one piece.
pub(crate) struct Log {
    json: bool,
}

impl Log {
    fn cleaned(&self, piece: &[u8]) -> String {
        let piece = String::from_utf8_lossy(piece);
        let line = piece.strip_suffix('\n').unwrap_or(&piece);
        let line = if self.json { text::json(line).into_owned() } else { text::line(line) };
        line + "\n"
    }
}

impl Write for Log {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(self.cleaned(piece).as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_stays_one_line_that_can_only_be_read() {
        let piece = "WARN why=\u{1b}[2J\u{9b}31m\nERROR forged\u{202e}\n".as_bytes();

        assert_eq!(Log { json: false }.cleaned(piece), "WARN why=␛[2J‹9B›31m␊ERROR forged‹202E›\n");
    }
}

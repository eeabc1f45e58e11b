//! What lies beyond a cut, for coordinators: a cut may have been too low.

use super::{LogLine, QueryError, Replica};
use crate::{aggregate::Held, limits, store::Pos};

impl Replica {
    /// Events that do not count because their device was withdrawn before them, because its admission fell, or because
    /// their log was silenced: who wrote what, when, and why it is held. The roster's own first, then as they arrived.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn beyond_cuts(&self) -> Result<Vec<LogLine>, QueryError> {
        let community = self.joined()?;
        Ok(self.read(|reader| {
            let mut lines = Vec::new();
            for (event, held) in community.roster_beyond(reader) {
                let Some(stored) = reader.event(event)? else { continue };
                let line = self.log_line(reader, &community, &stored)?;
                lines.push(LogLine { held: Some(held), ..line });
            }
            for reason in [Held::Cut, Held::Stranger, Held::Silenced] {
                let mut after = Pos::default();
                loop {
                    let page = reader.held(&[reason], after, limits::PAGE)?;
                    let Some(last) = page.last() else { break };
                    after = last.pos;
                    for stored in &page {
                        lines.push(self.log_line(reader, &community, stored)?);
                    }
                }
            }
            Ok(lines)
        })?)
    }
}

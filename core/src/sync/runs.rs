//! Runs as bytes: logs and epochs by small numbers, nothing that the receiver can derive (R2).

use std::collections::BTreeMap;

use super::{
    FrameError,
    bounds::Bound,
    bytes::{Reader, put_varint},
};
use crate::{
    event::{Content, Link, LogHeader, Run, Tail},
    id::{CommunityId, DeviceId, EpochId, Incarnation, LogId, TopicTag},
    key::Signature,
    limits,
};

const HEADER: usize = 40;

/// Numbers that the sending side has given out.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    logs: BTreeMap<LogId, u64>,
    epochs: BTreeMap<EpochId, u64>,
}

/// Numbers that the receiving side has learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Learned {
    logs: Vec<LogId>,
    epochs: Vec<EpochId>,
}

/// A little more than the bytes that a run will take.
pub(super) fn estimate(run: &Run) -> usize {
    let links: usize =
        run.links.iter().map(|link| 32 + if let Content::Here(body) = &link.content { body.len() } else { 32 }).sum();
    40 + HEADER + Signature::LEN + links
}

impl Given {
    /// How much is kept.
    pub(super) fn bounds(&self) -> [Bound; 2] {
        let Self { logs, epochs } = self;
        let numbers = |what, kept| Bound { what, kept, limit: limits::NUMBERS, ours: 0 };
        [numbers("numbers given to logs", logs.len()), numbers("numbers given to epochs", epochs.len())]
    }

    /// Writes a run after what is in `out`. `community` is the session's.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, run: &Run, community: CommunityId) {
        match self.logs.get(&run.log) {
            Some(number) => put_varint(out, *number),
            None => {
                out.push(0);
                out.extend_from_slice(run.log.as_bytes());
                number(&mut self.logs, run.log, 1);
            }
        }
        put_varint(out, run.first);
        let zero = run.header.is_some_and(|header| header.community != community);
        put_varint(out, (run.links.len() as u64) << 2 | u64::from(zero) << 1 | u64::from(run.header.is_some()));
        if let Some(header) = &run.header {
            out.extend_from_slice(header.device.as_bytes());
            out.extend_from_slice(header.incarnation.as_bytes());
        }
        for link in &run.links {
            self.write_epoch(out, link.epoch);
            match &link.content {
                Content::Here(body) => {
                    put_varint(out, (body.len() as u64) << 1);
                    out.extend_from_slice(body);
                }
                Content::Erased(hash) => {
                    out.push(1);
                    out.extend_from_slice(hash);
                }
            }
        }
        out.extend_from_slice(run.signature.as_bytes());
    }

    fn write_epoch(&mut self, out: &mut Vec<u8>, epoch: EpochId) {
        if epoch == EpochId::ZERO {
            return out.push(1);
        }
        match self.epochs.get(&epoch) {
            Some(number) => put_varint(out, *number),
            None => {
                out.push(0);
                out.extend_from_slice(epoch.as_bytes());
                number(&mut self.epochs, epoch, 2);
            }
        }
    }
}

/// Gives the next number, while there are any.
fn number<K: Ord>(table: &mut BTreeMap<K, u64>, key: K, first: u64) {
    if table.len() < limits::NUMBERS {
        let next = table.len() as u64 + first;
        table.insert(key, next);
    }
}

impl Learned {
    /// How much is kept.
    pub(super) fn bounds(&self) -> [Bound; 2] {
        let Self { logs, epochs } = self;
        let numbers = |what, kept| Bound { what, kept, limit: limits::NUMBERS, ours: 0 };
        [numbers("logs learned by number", logs.len()), numbers("epochs learned by number", epochs.len())]
    }

    /// What it takes to know the numbers.
    pub(super) fn bytes(&self) -> usize {
        let logs = self.logs.len().saturating_mul(LogId::LEN);
        logs.saturating_add(self.epochs.len().saturating_mul(EpochId::LEN))
    }

    /// Reads one run of a topic and leaves what follows it.
    pub(super) fn read(
        &mut self,
        from: &mut Reader<'_>,
        community: CommunityId,
        topic: TopicTag,
    ) -> Result<Run, FrameError> {
        let (log, header, first, count) = self.read_head(from, community, topic)?;
        let links = (0..count).map(|_| self.read_link(from)).collect::<Result<_, _>>()?;
        let signature = Signature::from_slice(from.take(Signature::LEN)?).ok_or(FrameError::Short)?;
        Ok(Run { log, header, first, links, signature })
    }

    /// What can be read of a run that breaks off, after [`read`](Self::read) has found that it does: it has learned
    /// the numbers. Never the last event, because the peer goes on behind what is named, and the signature comes with
    /// something.
    pub(super) fn read_tail(
        &mut self,
        from: &mut Reader<'_>,
        community: CommunityId,
        topic: TopicTag,
    ) -> Result<Tail, FrameError> {
        let (log, _, first, count) = self.read_head(from, community, topic)?;
        let links: Vec<Link> = (1..count).map_while(|_| self.read_link(from).ok()).collect();
        if links.is_empty() { Err(FrameError::Short) } else { Ok(Tail { log, first, links }) }
    }

    /// What stands before the events of a run, and how many they are.
    fn read_head(
        &mut self,
        from: &mut Reader<'_>,
        community: CommunityId,
        topic: TopicTag,
    ) -> Result<(LogId, Option<LogHeader>, u64, u64), FrameError> {
        let log = self.read_log(from)?;
        let first = from.varint()?;
        let shape = from.varint()?;
        let (count, zero, with_header) = (shape >> 2, shape & 2 != 0, shape & 1 != 0);
        if count == 0 || count > limits::SIGNATURE_EVERY {
            return Err(FrameError::TooMany { what: "events in a run", got: count, limit: limits::SIGNATURE_EVERY });
        }
        if zero && !with_header {
            return Err(FrameError::Value { what: "the shape of a run", got: shape });
        }
        let header = if with_header {
            let community = if zero { CommunityId::ZERO } else { community };
            let (device, incarnation) = (DeviceId::from_bytes(from.array()?), Incarnation::from_bytes(from.array()?));
            let header = LogHeader { community, topic, device, incarnation };
            if header.id() != log {
                return Err(FrameError::Header { log });
            }
            Some(header)
        } else {
            None
        };
        Ok((log, header, first, count))
    }

    fn read_log(&mut self, from: &mut Reader<'_>) -> Result<LogId, FrameError> {
        let number = from.varint()?;
        if number > 0 {
            return known(&self.logs, "log", number, 1);
        }
        let log = LogId::from_bytes(from.array()?);
        if self.logs.len() < limits::NUMBERS {
            self.logs.push(log);
        }
        Ok(log)
    }

    fn read_link(&mut self, from: &mut Reader<'_>) -> Result<Link, FrameError> {
        let epoch = match from.varint()? {
            0 => {
                let epoch = EpochId::from_bytes(from.array()?);
                if self.epochs.len() < limits::NUMBERS {
                    self.epochs.push(epoch);
                }
                epoch
            }
            1 => EpochId::ZERO,
            number => known(&self.epochs, "epoch", number, 2)?,
        };
        let code = from.varint()?;
        let (length, limit) = (code >> 1, limits::SEALED_BODY as u64);
        if length > limit {
            return Err(FrameError::TooMany { what: "bytes of a body", got: length, limit });
        }
        let content = match code {
            1 => Content::Erased(from.array()?),
            code if code % 2 == 0 => Content::Here(from.take(length as usize)?.into()),
            got => return Err(FrameError::Value { what: "the length of an erased body", got }),
        };
        Ok(Link { epoch, content })
    }
}

fn known<T: Copy>(table: &[T], what: &'static str, number: u64, first: u64) -> Result<T, FrameError> {
    let place = number.checked_sub(first).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| table.get(place)).copied().ok_or(FrameError::Number { what, got: number })
}

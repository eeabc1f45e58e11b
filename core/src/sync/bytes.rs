//! Numbers and fixed-size fields, read from a slice that may be anything.

use super::FrameError;
use crate::varint::{self, Fault};

pub(super) use crate::varint::put as put_varint;

/// What is left to read of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], FrameError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FrameError::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        self.take(N)?.try_into().map_err(|_| FrameError::Short)
    }

    pub(super) fn byte(&mut self) -> Result<u8, FrameError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A number in LEB128, shortest form only, so that equal frames are equal bytes.
    pub(super) fn varint(&mut self) -> Result<u64, FrameError> {
        varint::take(&mut self.rest).map_err(|fault| match fault {
            Fault::Short => FrameError::Short,
            Fault::Form => FrameError::Varint,
        })
    }

    pub(super) fn end(&self) -> Result<(), FrameError> {
        if self.rest.is_empty() { Ok(()) } else { Err(FrameError::Trailing { bytes: self.rest.len() }) }
    }
}

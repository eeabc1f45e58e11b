//! Framing: whole frames out of a byte stream that is cut anywhere.
//!
//! On the stream a frame is its length (varint, shortest form, 1 to [`limits::FRAME`]) and its bytes.

use super::{
    FrameError,
    bytes::{Reader, put_varint},
};
use crate::limits;

/// Gathers bytes until a frame is whole. Holds at most one frame and what was handed in with it.
#[derive(Debug)]
pub struct Framer {
    bytes: Vec<u8>,
    read: usize,
    /// Bytes of the next frame, at most.
    most: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl Framer {
    /// An empty framer.
    pub fn new() -> Self {
        Self { bytes: Vec::new(), read: 0, most: limits::FRAME }
    }

    /// The same for the beginning of a conversation, whose first frame has [`limits::HELLO`] bytes at most: of whoever may yet be
    /// anybody, no more is gathered.
    pub fn for_hello() -> Self {
        Self { most: limits::HELLO, ..Self::new() }
    }

    /// Takes in bytes as they came. Drain [`next_frame`](Self::next_frame) before handing in more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, `None` while bytes are missing.
    ///
    /// # Errors
    /// A length of zero, beyond [`limits::FRAME`] or that of a hello, or not in its shortest form. The stream is useless then.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let mut reader = Reader::new(self.bytes.get(self.read..).unwrap_or_default());
        let before = reader.left();
        let length = match reader.varint() {
            Ok(length) => length,
            Err(FrameError::Short) if before < 10 => return Ok(None),
            Err(error) => return Err(error),
        };
        if length == 0 {
            return Err(FrameError::Empty);
        }
        let limit = self.most as u64;
        if length > limit {
            return Err(FrameError::TooMany { what: "bytes in a frame", got: length, limit });
        }
        let Ok(frame) = reader.take(length as usize) else { return Ok(None) };
        self.read += before - reader.left();
        self.most = limits::FRAME;
        Ok(Some(frame.to_vec()))
    }

    /// What came of the frame that is not whole yet, without its length: what is left when a pipe breaks.
    pub fn partial(&self) -> &[u8] {
        let mut reader = Reader::new(self.bytes.get(self.read..).unwrap_or_default());
        if reader.varint().is_ok() { reader.rest() } else { &[] }
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the stream may end here: no part of a frame is held.
    pub fn is_empty(&self) -> bool {
        self.read == self.bytes.len()
    }
}

/// A frame as it goes onto the stream.
pub fn frame_to_bytes(frame: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(frame.len() + 3);
    put_varint(&mut bytes, frame.len() as u64);
    bytes.extend_from_slice(frame);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_whole_out_of_a_stream_cut_anywhere() {
        let frames = [vec![1], vec![2; 127], vec![3; 128], vec![4; limits::FRAME]];
        let stream: Vec<u8> = frames.iter().flat_map(|frame| frame_to_bytes(frame)).collect();

        for step in [1, 2, 3, 127, 1000, stream.len()] {
            let (mut framer, mut got) = (Framer::new(), Vec::new());
            for piece in stream.chunks(step) {
                framer.push(piece);
                while let Some(frame) = framer.next_frame().expect("honest frames") {
                    got.push(frame);
                }
            }
            assert_eq!(got, frames);
            assert!(framer.is_empty());
        }
    }

    #[test]
    fn a_length_that_cannot_be_ends_the_stream() {
        let refuse = |bytes: &[u8]| {
            let mut framer = Framer::new();
            framer.push(bytes);
            framer.next_frame()
        };
        assert_eq!(refuse(&[0]), Err(FrameError::Empty));
        assert_eq!(refuse(&[0xff; 12]), Err(FrameError::Varint));
        let mut long = Vec::new();
        put_varint(&mut long, limits::FRAME as u64 + 1);
        assert!(matches!(refuse(&long), Err(FrameError::TooMany { .. })));
    }

    #[test]
    fn of_a_hello_that_is_too_long_no_more_is_gathered_than_its_length() {
        let (fits, long) = (vec![1; limits::HELLO], vec![2; limits::HELLO + 1]);
        let mut framer = Framer::for_hello();
        framer.push(&frame_to_bytes(&long)[..3]);
        let most = limits::HELLO as u64;
        let too_long = Err(FrameError::TooMany { what: "bytes in a frame", got: most + 1, limit: most });
        assert_eq!(framer.next_frame(), too_long);

        let mut framer = Framer::for_hello();
        framer.push(&[frame_to_bytes(&fits), frame_to_bytes(&long)].concat());
        assert_eq!([framer.next_frame(), framer.next_frame()], [Ok(Some(fits)), Ok(Some(long))], "the first alone");
    }
}

//! The hello, read by whoever does not know yet which of its communities it is for.

use super::{SessionError, frame::Frame};
use crate::id::CommunityId;

/// Whether a peer's first frame is a hello that names this community. Costs no more than the frame is long, so that
/// whoever keeps several begins one session alone.
///
/// # Errors
/// Why it is no hello.
pub fn is_for(frame: &[u8], community: CommunityId) -> Result<bool, SessionError> {
    let first = Frame::from_bytes(frame)?;
    let Frame::Hello { community: named, .. } = &first else {
        return Err(SessionError::OutOfTurn { got: first.name(), state: "a hello is awaited" });
    };
    Ok(*named == cut(community.as_bytes()))
}

/// The first bytes.
pub(super) fn cut<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut start = [0; N];
    start.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    start
}

//! Why bytes are no body.

/// Why bytes are not a body, or a body is not fit to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Larger than [`SEALED_BODY`](crate::limits::SEALED_BODY) when sealed.
    #[error("a body of {got} bytes is larger than {limit}")]
    TooLarge {
        /// Bytes it has.
        got: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// More of something than the limit.
    #[error("{got} {what}, at most {limit} are allowed")]
    TooMany {
        /// What was counted, as the message names it.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Containers inside containers beyond [`NESTING`](crate::limits::NESTING).
    #[error("containers nested more than {limit} deep")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
    /// Not a body, or not in the one encoding that it has.
    #[error("not a body: {0}")]
    Garbled(&'static str),
    /// It has something that this build does not know and may not pass over.
    #[error("a newer body: {0}")]
    Newer(&'static str),
}

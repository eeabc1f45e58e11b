//! The error of a disk that is full or can only be read, told in one way whatever file it was found with.

use std::io;

use linli_core::{
    key::SecretError,
    store::{StoreError, is_no_room},
};

/// The disk is full, a quota or a limit of the system is used up, or it can only be read.
#[derive(Debug, thiserror::Error)]
#[error("there is no room left on the disk, or it can only be read: {0}; make room, then do it again")]
pub struct NoRoom(String);

impl NoRoom {
    /// The code of it, the same as on a phone.
    pub const CODE: &str = "disk_full";

    /// What went wrong, as this where it is for want of room.
    pub fn or(error: impl Into<anyhow::Error>) -> anyhow::Error {
        let error = error.into();
        if error.is::<Self>() || !error.chain().any(is_one) {
            return error;
        }
        Self(format!("{error:#}")).into()
    }
}

fn is_one(cause: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return is_no_room(error.kind());
    }
    let of_store = matches!(cause.downcast_ref(), Some(StoreError::Full | StoreError::Secret(SecretError::Full)));
    of_store || matches!(cause.downcast_ref(), Some(SecretError::Full))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use anyhow::Context as _;

    use super::*;

    /// ENOSPC, EDQUOT, EFBIG and EROFS, as Linux numbers them.
    #[test]
    fn whatever_has_no_room_is_one_error_t8() {
        for number in [28, 122, 27, 30] {
            let failed: io::Result<()> = Err(io::Error::from_raw_os_error(number));
            assert!(NoRoom::or(failed.context("a pass").unwrap_err()).is::<NoRoom>(), "{number}");
        }
        assert!(NoRoom::or(StoreError::Full).is::<NoRoom>());
        assert!(NoRoom::or(SecretError::Full).is::<NoRoom>());
        assert!(!NoRoom::or(io::Error::from_raw_os_error(13)).is::<NoRoom>());
    }
}

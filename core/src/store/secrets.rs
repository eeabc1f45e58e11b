//! Secrets in files that only their owner reads: for desktops, relays and examples.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    error::is_no_room,
    private::{close_to_others, make_dir, replace_file, sync_dir},
};
use crate::key::{SecretError, SecretStore};

/// A directory with one file for each secret. Phones have something better: Keystore, Keychain.
#[derive(Clone, Debug)]
pub struct DirSecrets {
    dir: PathBuf,
}

impl DirSecrets {
    /// Uses `dir`, which is made if it is not there, for its owner alone: what others may do with one that is there is
    /// taken from them. It must not be part of backups.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn open(dir: &Path) -> Result<Self, SecretError> {
        make_dir(dir).and_then(|()| close_to_others(dir, is_secret)).map_err(failed)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// Names are written in hexadecimal, so that none can leave the directory.
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(hex::encode(name))
    }
}

impl SecretStore for DirSecrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        let mut file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut secret = Zeroizing::new(Vec::new());
        file.read_to_end(&mut secret).map_err(failed)?;
        Ok(Some(secret))
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        replace_file(&self.path(name), secret).map_err(failed)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        match fs::remove_file(self.path(name)) {
            Ok(()) => sync_dir(&self.dir).map_err(failed),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Whether a file is one of these by its name.
fn is_secret(name: &str) -> bool {
    name.strip_suffix(".new").unwrap_or(name).bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn failed(error: std::io::Error) -> SecretError {
    if is_no_room(error.kind()) { SecretError::Full } else { SecretError::Unavailable(error.kind().to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_replaced_and_forgotten() {
        let home = tempfile::tempdir().expect("a directory");
        let secrets = DirSecrets::open(&home.path().join("secrets")).expect("open");

        assert_eq!(secrets.get("device"), Ok(None));
        secrets.put("device", b"one").expect("put");
        secrets.put("device", b"two").expect("put");
        secrets.put("../device", b"elsewhere").expect("put");

        let again = DirSecrets::open(&home.path().join("secrets")).expect("open");
        assert_eq!(again.get("device").expect("get").as_deref(), Some(&b"two".to_vec()));
        again.remove("device").expect("remove");
        again.remove("device").expect("an absent secret is no error");
        assert_eq!(again.get("device"), Ok(None));
        assert_eq!(fs::read_dir(home.path()).expect("read").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_a_secret() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a directory");
        let secrets = DirSecrets::open(&home.path().join("secrets")).expect("open");

        secrets.put("device", b"one").expect("put");

        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&secrets.path("device")), 0o600);
        assert_eq!(mode(&secrets.dir), 0o700);
    }
}

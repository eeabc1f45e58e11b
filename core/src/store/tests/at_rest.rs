//! At rest: what lies on the disk, and whose key opens it.

use std::fs;

use super::*;

#[cfg(feature = "sqlcipher")]
#[test]
fn no_file_holds_a_readable_word_and_none_looks_like_sqlite() {
    const NOTE: &str = "insulin for 3-2-1804";
    let mut home = home();
    let mut pen = pen(1);
    home.append(&pen.write(&[NOTE])).expect("follows");
    home.store.scrub().expect("nobody reads");
    home.append(&pen.write(&[NOTE])).expect("follows");
    let mut write = home.store.write().expect("begin");
    write.set_meta("note", NOTE.as_bytes()).expect("kept");
    write.commit().expect("commit");

    let files = files(home.dir.path());

    let size = |file: &str| files.iter().find(|(name, _)| name == file).map_or(0, |(_, bytes)| bytes.len());
    assert!(size("linli.db") > 4096 && size("linli.db-wal") > 4096 && size("linli.db-shm") > 0);
    let key = hex::encode([0x5b; 32]);
    for (name, bytes) in &files {
        assert!(!bytes.starts_with(b"SQLite format 3"), "{name}");
        for word in ["insulin", "1804", "CREATE TABLE", "branch", &key, "[[[[[[[["] {
            assert!(!contains(bytes, word), "{name}: {word}");
        }
    }
    assert_eq!(home.store.meta("note").expect("read").as_deref(), Some(NOTE.as_bytes()), "it can be read here");
}

#[cfg(feature = "sqlcipher")]
#[test]
fn a_lost_and_a_wrong_key_are_said_and_are_no_damage() {
    let dir = closed();
    let other = MemorySecrets::default();
    other.put(DATABASE_KEY, &[7; 32]).expect("kept");
    let short = MemorySecrets::default();
    short.put(DATABASE_KEY, &[0x5b; 31]).expect("kept");

    refuses(dir.path(), &MemorySecrets::default(), &StoreError::KeyLost);
    refuses(dir.path(), &other, &StoreError::KeyWrong);
    refuses(dir.path(), &short, &StoreError::KeyWrong);

    open(dir.path(), &[]).expect("with its key it opens");
}

#[cfg(feature = "sqlcipher")]
#[test]
fn a_damaged_first_page_is_damage_and_no_wrong_key() {
    let dir = closed();
    let path = dir.path().join("linli.db");
    let mut bytes = fs::read(&path).expect("read");
    bytes[2000] ^= 1;
    fs::write(&path, bytes).expect("write");

    let error = open(dir.path(), &[]).err();

    assert!(matches!(error, Some(StoreError::Damaged { .. })), "{error:?}");
}

#[cfg(feature = "sqlcipher")]
#[test]
fn a_plain_database_is_refused_by_a_build_that_encrypts() {
    let dir = tempfile::tempdir().expect("a directory");
    let plain = Connection::open(dir.path().join("linli.db")).expect("a plain file");
    plain.pragma_update(None, "application_id", schema::APPLICATION_ID).expect("marked as ours");
    plain.execute_batch("CREATE TABLE meta (key TEXT)").expect("as a plain build makes it");
    drop(plain);
    drop(Store::hold(dir.path()).expect("nobody has it open"));

    refuses(dir.path(), &MemorySecrets::default(), &StoreError::Plain);
    refuses(dir.path(), &secrets(), &StoreError::Plain);
}

#[cfg(feature = "sqlcipher")]
#[test]
fn a_new_home_gets_a_key_of_its_own_and_keeps_it() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let kept = dirs.each_ref().map(|dir| {
        let secrets = MemorySecrets::default();
        drop(Store::open(dir.path(), &secrets, &[]).expect("new"));
        let key = secrets.get(DATABASE_KEY).expect("readable").expect("there is one");
        drop(Store::open(dir.path(), &secrets, &[]).expect("again"));
        assert_eq!(secrets.get(DATABASE_KEY), Ok(Some(key.clone())));
        key
    });

    assert_eq!(kept[0].len(), 32);
    assert_ne!(kept[0], kept[1]);
}

#[cfg(not(feature = "sqlcipher"))]
#[test]
fn an_encrypted_database_is_refused_by_a_plain_build() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("linli.sealed"), "0a").expect("write");
    fs::write(dir.path().join("linli.db"), [0x9c; 8192]).expect("write");
    fs::write(dir.path().join("linli.lock"), []).expect("write");
    let before = files(dir.path());

    assert_eq!(open(dir.path(), &[]).err(), Some(StoreError::Encrypted));

    assert_eq!(files(dir.path()), before);
}

/// Every file of a home, by name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("readable"));
    entries.map(|entry| (name(&entry), fs::read(entry.path()).expect("readable"))).collect()
}

#[cfg(feature = "sqlcipher")]
fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A home with something in it, closed.
#[cfg(feature = "sqlcipher")]
fn closed() -> TempDir {
    let mut home = home();
    home.append(&pen(1).write(&["insulin for 3-2-1804"])).expect("follows");
    home.dir
}

/// Opening with these secrets fails as expected, and nothing changes: no file, no secret.
#[cfg(feature = "sqlcipher")]
fn refuses(dir: &Path, secrets: &MemorySecrets, expected: &StoreError) {
    let (before, names) = (files(dir), secrets.names());

    assert_eq!(Store::open(dir, secrets, &[]).err().as_ref(), Some(expected));

    assert!(files(dir) == before, "{expected}: a file changed");
    assert_eq!(secrets.names(), names);
    assert_eq!(Store::asides(dir), Ok(Vec::new()));
}

//! The schema of what is primary, as a table of migrations and a loop.

use rusqlite::Connection;

use super::StoreError;

/// Marks a file as ours: `LNLI`.
pub(super) const APPLICATION_ID: u32 = 0x4c4e_4c49;

/// Shipped files never change; a new schema is a new file at the end.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_log.sql"),
    include_str!("migrations/0002_contact.sql"),
    include_str!("migrations/0003_newer.sql"),
    include_str!("migrations/0004_again.sql"),
    include_str!("migrations/0005_missing.sql"),
    include_str!("migrations/0006_lacks.sql"),
    include_str!("migrations/0007_by_peer.sql"),
];

/// The newest schema this build knows.
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Brings a database to the newest schema, each step in a transaction of its own.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    migrate_through(db, MIGRATIONS)
}

fn migrate_through(db: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let done: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let ours = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let todo = migrations.get(done as usize..).ok_or(StoreError::Newer { theirs: done, ours })?;
    for (version, sql) in (done.saturating_add(1)..).zip(todo) {
        let tx = db.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[&str] = &["CREATE TABLE one (a)", "ALTER TABLE one ADD COLUMN b; CREATE TABLE two (c)"];

    fn schema(db: &Connection) -> Vec<(String, String)> {
        let mut statement = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").expect("valid");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("valid");
        rows.collect::<Result<_, _>>().expect("text")
    }

    #[test]
    fn an_upgraded_schema_is_a_fresh_one() {
        let mut old = Connection::open_in_memory().expect("memory");
        let mut fresh = Connection::open_in_memory().expect("memory");

        for known in 1..=TWO.len() {
            migrate_through(&mut old, &TWO[..known]).expect("upgrade");
        }
        migrate_through(&mut fresh, TWO).expect("fresh");

        assert_eq!(schema(&old), schema(&fresh));
        assert_eq!(migrate_through(&mut old, &TWO[..1]), Err(StoreError::Newer { theirs: 2, ours: 1 }));
    }

    #[test]
    fn a_migration_that_fails_leaves_the_last_good_schema() {
        let mut db = Connection::open_in_memory().expect("memory");
        let broken = &["CREATE TABLE one (a)", "CREATE TABLE two (b); CREATE TABLE nonsense"];

        assert!(migrate_through(&mut db, broken).is_err());

        assert_eq!(schema(&db).len(), 1);
        assert_eq!(migrate_through(&mut db, TWO), Ok(()));
    }
}

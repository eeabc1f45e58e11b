//! The proof fails when a phone is damaged, and holds when none is.

use linli_tests::trace::Trace;

use super::*;

/// The first days of the recording, on few phones.
fn some_days(sabotage: Option<Sabotage>, threads: u32) -> Figures {
    let mut trace = read(None).unwrap();
    trace.actions.truncate(300);
    let args = Args {
        trace: None,
        phones: Some(6),
        seed: 2,
        meetings: 12.0,
        threads,
        verify: 1,
        keep: None,
        json: false,
        quiet: true,
        sabotage,
    };
    lockdown(&args, &trace).unwrap().1
}

/// All figures but the times.
fn timeless(figures: &Figures) -> serde_json::Value {
    let mut figures = serde_json::to_value(figures).unwrap();
    figures["seconds"].take();
    figures
}

#[test]
fn some_days_are_proven_and_do_not_depend_on_threads() {
    let (one, three) = (some_days(None, 1), some_days(None, 3));

    assert_eq!(one.differences(), [] as [&str; 0]);
    assert!(one.proven(), "{:#}", timeless(&one));
    assert_eq!(timeless(&one), timeless(&three));
}

fn found_by_the_proof(sabotage: Sabotage, said: &str) {
    let figures = some_days(Some(sabotage), 2);

    assert!(!figures.proven());
    let differences = figures.differences();
    assert!(differences.iter().all(|difference| difference.starts_with("phone 3: ")), "{differences:#?}");
    assert!(differences.iter().any(|difference| difference.contains(said)), "{differences:#?}");
}

#[test]
fn a_dropped_event_is_found() {
    found_by_the_proof(Sabotage::DropEvent, "its state is");
}

#[test]
fn events_that_changed_places_are_found() {
    found_by_the_proof(Sabotage::SwapOrder, "a log is damaged");
}

#[test]
fn a_take_written_down_twice_is_found() {
    found_by_the_proof(Sabotage::DoubleTake, "the ledger of lot");
}

#[test]
fn a_wrong_recording_is_named_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wrong.jsonl");
    std::fs::write(&file, "{\"community\":\"c\"}\n").unwrap();

    let error = format!("{:#}", read(Some(&file)).unwrap_err());

    assert!(error.contains("wrong.jsonl: line 1: missing field `buildings`"), "{error}");
    assert!(matches!(read(None), Ok(Trace { .. })));
}

//! The proof holds on phones that agree, however many threads there are.

use linli_tests::trace::Trace;

use super::*;

#[test]
fn some_days_are_proven_and_do_not_depend_on_threads() {
    let (one, three) = (some_days(1), some_days(3));

    assert_eq!(one.differences(), [] as [&str; 0]);
    assert!(one.proven(), "{:#}", timeless(&one));
    assert_eq!(timeless(&one), timeless(&three));
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

/// The first days of the recording, on few phones.
fn some_days(threads: u32) -> Figures {
    let mut trace = read(None).unwrap();
    trace.actions.truncate(300);
    let args = Args {
        trace: None,
        phones: Some(6),
        seed: 2,
        meetings: 12.0,
        threads,
        verify: 1,
        relay: false,
        keep: None,
        json: false,
        quiet: true,
        sabotage: None,
    };
    lockdown(&args, &trace).unwrap().1
}

/// All figures but the times.
fn timeless(figures: &Figures) -> serde_json::Value {
    let mut figures = serde_json::to_value(figures).unwrap();
    figures["seconds"].take();
    figures
}

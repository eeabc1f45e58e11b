//! What is let through, and what is held as malformed.

use super::story::posted;
use crate::{
    aggregate::{
        Aggregate, Malformed, encode,
        order::{Carried, Commented, Order, Purchased, Reimbursed, Thing, kind},
    },
    limits,
};

#[test]
fn every_kind_is_read_and_no_other() {
    for spec in Order::KINDS {
        assert_ne!(Order::read(spec.kind, 1, &[]), Err(Malformed("no such kind")), "{}", spec.code);
        assert_eq!(Order::read(spec.kind, 2, &[]), Err(Malformed("no such version")));
    }
    assert_eq!(Order::read(0x01ff, 1, &[0xa0]), Err(Malformed("no such kind")));
}

#[test]
fn bounds_hold_for_strangers_too() {
    let sums = [0, -5, i64::MAX].map(|cents| Order::read(kind::REIMBURSED, 1, &encode(&Reimbursed { cents })));
    assert!(sums.iter().all(Result::is_err));
    let cost = Purchased { cost_cents: Some(0), got: Vec::new(), happened_at: None, already_happened: true };
    assert!(Order::read(kind::PURCHASED, 1, &encode(&cost)).is_err());
    let long = Commented { text: "a".repeat(limits::FIELD + 1) };
    assert!(Order::read(kind::COMMENTED, 1, &encode(&long)).is_err());
    let nowhere = Carried {
        thing: Thing::Key,
        label: None,
        amount_cents: None,
        from: None,
        to: None,
        happened_at: None,
        already_happened: false,
    };
    for kind in [kind::ENTRUSTED, kind::PASSED_ON, kind::RETURNED] {
        assert!(Order::read(kind, 1, &encode(&nowhere)).is_err());
    }
}

#[test]
fn nothing_may_follow_and_garbage_never_panics() {
    let mut bytes = encode(&posted());
    assert!(Order::read(kind::POSTED, 1, &bytes).is_ok());
    bytes.push(0);
    assert_eq!(Order::read(kind::POSTED, 1, &bytes), Err(Malformed("bytes after the end")));
    for spec in Order::KINDS {
        for byte in 0..=255u8 {
            let _read = Order::read(spec.kind, 1, &[byte, byte, 0x1b, 0xff, byte]);
        }
    }
}

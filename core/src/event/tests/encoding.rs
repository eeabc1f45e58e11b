//! One body has one encoding: what is cut short, damaged, or written otherwise is refused.

use super::*;

#[test]
fn a_body_cut_short_or_followed_by_more_is_refused() {
    let head = Head { seq: 0, id: EventId::from_bytes([7; 32]) };
    for body in [creating(), following(head, OWN)] {
        let bytes = body.to_bytes(OWN).expect("within all limits");
        for length in 0..bytes.len() {
            assert!(Body::from_bytes(&bytes[..length], OWN).is_err(), "{length} bytes");
        }
        let longer = [&bytes[..], &[0x00]].concat();
        assert_eq!(Body::from_bytes(&longer, OWN), Err(BodyError::Garbled("bytes after the end")));
    }
}

#[test]
fn a_payload_has_one_encoding() {
    let refused = |payload: &str, why| {
        let payload = hex::decode(payload).expect("hexadecimal");
        let told = Err(BodyError::Garbled(why));
        assert_eq!(body(payload.clone()).to_bytes(OWN), told, "{payload:x?}");
        assert_eq!(Body::from_bytes(&packed(0, &payload), OWN).map(|_| Vec::new()), told, "{payload:x?}");
    };

    for indefinite in ["9f00ff", "bf0000ff", "5f4100ff", "7f6178ff", "ff"] {
        refused(indefinite, "indefinite lengths");
    }
    for long in ["1800", "190017", "1a0000ffff", "1b00000000ffffffff", "5800", "9800", "d80100", "380a"] {
        refused(long, "a number is not in its shortest form");
    }
    for promise in ["9bffffffffffffffff", "bb8000000000000000", "9a00ffffff", "83"] {
        refused(promise, "more promised than there is");
    }
    for short in ["5bffffffffffffffff", "7b7fffffffffffffff", "18", "4100410041", "c1"] {
        let told = if short == "c1" { "more promised than there is" } else { "cut short" };
        refused(short, told);
    }
    refused("a201000000", "keys of a map out of order");
    refused("a200000000", "keys of a map out of order");
    refused("61ff", "a text is no UTF-8");
    refused("f818", "CBOR");
    refused("1c", "CBOR");
    for honest in
        ["00", "f6", "fb3ff0000000000000", "820102", "a1006161", "c11a00010000", "420102", "a200000100", "f8ff"]
    {
        let honest = body(hex::decode(honest).expect("hexadecimal"));
        let bytes = honest.to_bytes(OWN).expect("within all limits");
        assert_eq!(Body::from_bytes(&bytes, OWN), Ok(honest));
    }
}

#[test]
fn a_name_has_one_number_and_stands_once_r2() {
    let refused = |names: &[u8], payload: &[u8], why| {
        let mut bytes = vec![0x09, 1, 0];
        bytes.extend(names);
        varint::put(&mut bytes, payload.len() as u64);
        bytes.extend(payload);
        assert_eq!(Body::from_bytes(&bytes, OWN), Err(BodyError::Garbled(why)), "{why}");
    };
    let (a, b, own) = ([0xaa; 16], [0xbb; 16], [0; 16]);
    let event = |log: u8, seq: u8| [&[log, seq][..], &[seq; 16]].concat();
    let logs = |logs: &[[u8; 16]]| [&[logs.len() as u8][..], &logs.concat()].concat();
    let events = |events: &[Vec<u8>]| [&[events.len() as u8][..], &events.concat()].concat();
    let table =
        |some: &[[u8; 16]], named: &[Vec<u8>], adders: &[[u8; 16]]| [logs(some), events(named), logs(adders)].concat();

    refused(&table(&[], &[], &[]), &[0], "an empty table");
    refused(&table(&[own], &[], &[]), &[0xc8, 1], "a name twice");
    refused(&table(&[a, a], &[], &[]), &[0xc8, 1, 0xc8, 2], "a name twice");
    refused(&table(&[], &[event(0, 1), event(0, 1)], &[]), &[0xc6, 0, 0xc6, 1], "a name twice");
    refused(&table(&[], &[event(0, 1)], &[[1; 16]]), &[0xc6, 0, 0xc7, 0x82, 1, 0], "a name twice");
    refused(&table(&[], &[event(1, 1)], &[]), &[0xc6, 0], "a number without a name");
    refused(&table(&[], &[event(0, 1)], &[]), &[0xc6, 1], "a number without a name");
    refused(&table(&[a], &[], &[]), &[0xc8, 2], "a number without a name");
    refused(&table(&[], &[event(0, 1)], &[]), &[0xc6, 0, 0xc7, 0x82, 1, 0], "a number without a name");
    refused(&table(&[], &[event(0, 1), event(0, 2)], &[]), &[0xc6, 1, 0xc6, 0], "a name out of turn");
    refused(&table(&[a, b], &[], &[]), &[0xc8, 2, 0xc8, 1], "a name out of turn");
    refused(&table(&[a, b], &[event(2, 1), event(1, 1)], &[]), &[0xc6, 0, 0xc6, 1], "a name out of turn");
    refused(&table(&[], &[event(0, 1)], &[]), &[0], "a name that nothing means");
    refused(&table(&[], &[event(0, 1)], &[a]), &[0xc6, 0], "a name that nothing means");
    refused(&table(&[a], &[event(0, 1)], &[]), &[0xc6, 0], "a name that nothing means");
    refused(&table(&[], &[event(0, 1)], &[]), &[0xc6, 0x41, 0], "a name of another shape");
    refused(&table(&[], &[event(0, 1)], &[]), &[0xa1, 0xc6, 0, 0], "keys of a map out of order");
}

#[test]
fn what_a_later_build_adds_is_passed_over_or_told_as_newer() {
    let bytes = body(Vec::new()).to_bytes(OWN).expect("within all limits");
    assert_eq!(bytes[0], 0, "no parts");
    let later = |fields: &[u8]| [&[0x80, 0x01], &bytes[1..], fields].concat();
    let read = |bytes: &[u8]| Body::from_bytes(bytes, OWN);

    assert_eq!(read(&later(&[2, 1, 3, 7, 7, 7, 9, 0])), Ok(body(Vec::new())));
    assert_eq!(read(&later(&[2, 1, 0, 2, 1, 7])), Err(BodyError::Newer("a field")));
    assert_eq!(read(&later(&[2, 3, 0, 1, 0])), Err(BodyError::Garbled("fields out of order")));
    assert_eq!(read(&later(&[1, 1, 4, 0])), Err(BodyError::Garbled("cut short")));
    assert_eq!(read(&later(&[0])), Err(BodyError::Garbled("an empty part")));
    assert_eq!(read(&[&[0x80, 0x02], &bytes[1..]].concat()), Err(BodyError::Newer("a part")));
    let edit = |edit: &[u8]| [&[0x10], &bytes[1..], &[1], edit].concat();
    assert_eq!(read(&edit(&[0x04, 0])), Err(BodyError::Newer("an edit")));
    assert_eq!(read(&edit(&[0x00, 5])), Err(BodyError::Newer("a value")));
}

#[test]
fn a_number_has_one_form_whole_or_not_r2() {
    let put = |value: Scalar| Body { edits: vec![Edit::Put { field: 1, value }], ..body(Vec::new()) };
    let qty = |text: &str| text.parse::<Qty>().expect("a quantity");
    let bytes = |value: Scalar| put(value).to_bytes(OWN).expect("within all limits");

    assert_eq!(Scalar::from(qty("2.0")), Scalar::Int(2));
    assert_eq!(bytes(Scalar::Fraction(qty("2"))), bytes(Scalar::Int(2)));
    for text in ["0.5", "-1.5", "0.001", "9223372036854775.807"] {
        let half = put(qty(text).into());
        let bytes = half.to_bytes(OWN).expect("within all limits");
        assert_eq!(Body::from_bytes(&bytes, OWN), Ok(half), "{text}");
    }

    let (head, whole) = (put(Scalar::Null).to_bytes(OWN).expect("within all limits"), varint::fold(2_000));
    let mut written = [&head[..head.len() - 1], &[4]].concat();
    varint::put(&mut written, whole);
    assert_eq!(Body::from_bytes(&written, OWN), Err(BodyError::Garbled("a whole number in thousandths")));
}

#[test]
fn random_bytes_are_no_body_and_no_panic() {
    let mut dice = ChaCha20Rng::seed_from_u64(20_220_401);

    for _ in 0..50_000 {
        let mut bytes = vec![0; dice.random_range(0..64)];
        dice.fill(&mut bytes[..]);
        reads_as_the_only_encoding(&bytes);
    }
}

#[test]
fn a_body_with_random_damage_is_refused_or_the_only_encoding_of_another() {
    let mut dice = ChaCha20Rng::seed_from_u64(20_220_402);
    let head = Head { seq: 0, id: EventId::from_bytes([7; 32]) };
    let good = [creating(), following(head, OWN)].map(|body| body.to_bytes(OWN).expect("within all limits"));
    let mut read = 0;

    for _ in 0..50_000 {
        let mut bytes = good[dice.random_range(0..good.len())].clone();
        for _ in 0..dice.random_range(1..4) {
            let at = dice.random_range(0..bytes.len());
            bytes[at] = dice.random();
        }
        bytes.truncate(dice.random_range(bytes.len() / 2..=bytes.len()));
        read += usize::from(reads_as_the_only_encoding(&bytes));
    }
    assert!(read > 200, "{read} of them were bodies");
}

/// Whether it is a body; then packing that again must give the same bytes, later fields apart.
fn reads_as_the_only_encoding(bytes: &[u8]) -> bool {
    let Ok(body) = Body::from_bytes(bytes, OWN) else { return false };
    if bytes[0] < 0x80 {
        assert_eq!(body.to_bytes(OWN).as_deref(), Ok(bytes), "{bytes:x?}");
    }
    true
}

//! In which shapes a text or a secret may stand in a log, an error or a file.

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = |chunk: &[u8]| {
        chunk.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at))
    };
    let digits = |chunk: &[u8]| {
        let bits = bits(chunk);
        (0..=chunk.len()).map(move |at| DIGITS[(bits >> (18 - 6 * at)) as usize & 63] as char).collect::<String>()
    };
    bytes.chunks(3).map(digits).collect()
}

/// How a text may stand in a log: as it is, escaped, in UTF-16, and as bytes.
pub(crate) fn of_text(text: &str) -> Vec<String> {
    let wide: Vec<u16> = text.encode_utf16().collect();
    let escaped = |digits: fn(u16) -> String| wide.iter().map(|unit| digits(*unit)).collect::<String>();
    let wide_bytes: Vec<u8> = wide.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let mut shapes = vec![text.to_owned(), String::from_utf8_lossy(&wide_bytes).into_owned()];
    if !text.is_ascii() {
        shapes.push(text.escape_unicode().to_string());
        shapes.push(escaped(|unit| format!("\\u{unit:04x}")));
        shapes.push(escaped(|unit| format!("\\u{unit:04X}")));
        shapes.push(text.bytes().map(|byte| format!("\\x{byte:02x}")).collect());
    }
    shapes.extend(of_bytes(text.as_bytes()));
    shapes.extend(of_bytes(&wide_bytes));
    shapes
}

/// How bytes may stand there: in hexadecimal, as a list of numbers, in base64 at any offset.
pub(crate) fn of_bytes(bytes: &[u8]) -> Vec<String> {
    let mut shapes = vec![
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
    ];
    for offset in 0..3 {
        let padded = [vec![0; offset], bytes.to_vec()].concat();
        // What stands beside the bytes changes the digits at both ends.
        let (text, begin) = (base64(&padded), [0, 2, 3][offset]);
        let whole = padded.len() / 3 * 4;
        shapes.extend((whole > begin + 4).then(|| text[begin..whole].to_owned()));
    }
    shapes
}

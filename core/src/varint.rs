//! Numbers of variable length: LEB128 in its shortest form, so that equal values are equal bytes.

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes end within it.
    Short,
    /// It is not the shortest form, or has more than 64 bits.
    Form,
}

/// Takes a number off the front of what is left.
pub(crate) fn take(rest: &mut &[u8]) -> Result<u64, Fault> {
    let mut value = 0;
    for place in 0..10 {
        let (byte, more) = rest.split_first().ok_or(Fault::Short)?;
        *rest = more;
        let bits = u64::from(byte & 0x7f);
        if (place == 9 && bits > 1) || (place > 0 && *byte == 0) {
            return Err(Fault::Form);
        }
        value |= bits << (7 * place);
        if *byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Fault::Form)
}

/// Writes a number.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A signed number as one without sign: 0, -1, 1, -2, … so that what is near 0 stays short.
pub(crate) const fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The signed number that was folded.
pub(crate) const fn unfold(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> Result<(u64, usize), Fault> {
        take(&mut bytes).map(|value| (value, bytes.len()))
    }

    #[test]
    fn numbers_come_back_and_have_one_form() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(read(&bytes), Ok((value, 0)));
            assert_eq!(read(&bytes[..bytes.len() - 1]), Err(Fault::Short));
        }
        assert_eq!(read(&[0x80, 0x00]), Err(Fault::Form));
        assert_eq!(read(&[0xff; 11]), Err(Fault::Form));
    }

    #[test]
    fn signed_numbers_come_back_and_small_ones_are_short() {
        for (value, folded) in [(0, 0), (-1, 1), (1, 2), (-2, 3), (i64::MAX, u64::MAX - 1), (i64::MIN, u64::MAX)] {
            assert_eq!((fold(value), unfold(folded)), (folded, value));
        }
    }
}

//! How much: a number in thousandths, so that half a tablet is one, and no sum is off by a hair.
//!
//! One type for all that is counted, weighed or measured, from what is typed to what stands in an event. Text and JSON say it
//! as people do, `1.5`; bytes and rows say thousandths, 1500. This module knows no units and no bounds.

use std::{fmt, iter::Sum, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const EACH: i64 = 1_000;
/// Digits behind the point.
const PLACES: usize = 3;
/// Thousandths up to which a floating number tells them apart, with room to spare.
const FLOATING: f64 = 1e12;
/// How far a floating number may be off, as a part of it.
const OFF: f64 = 1e-15;

/// How much, in thousandths of a unit. Text: `1.5`, without zeros that say nothing; JSON: a number.
///
/// What would pass the ends of an `i64` of thousandths stays there.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qty(i64);

/// A text or number that is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quantity is written 2, 1.5 or 0.125: digits, and at most three behind a point")]
pub struct NoQty;

impl Qty {
    /// None of it.
    pub const ZERO: Self = Self(0);
    /// The least that is something: a thousandth.
    pub const LEAST: Self = Self(1);

    /// So many whole ones.
    pub const fn whole(units: i64) -> Self {
        Self(units.saturating_mul(EACH))
    }

    /// The same, where it can be said.
    pub const fn checked_whole(units: i64) -> Option<Self> {
        match units.checked_mul(EACH) {
            Some(thousandths) => Some(Self(thousandths)),
            None => None,
        }
    }

    /// So many thousandths.
    pub const fn of_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// How many thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// How many whole ones; none where a part of one is left over.
    pub const fn units(self) -> Option<i64> {
        if self.is_whole() { Some(self.0 / EACH) } else { None }
    }

    /// Whether no part of one is left over.
    pub const fn is_whole(self) -> bool {
        self.0 % EACH == 0
    }

    /// Both together, at most what fits.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// As much, taken instead of given.
    #[must_use]
    pub const fn saturating_neg(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// As much, given or taken.
    #[must_use]
    pub const fn saturating_abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// So many times as much.
    #[must_use]
    pub const fn saturating_mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// As a floating number: what other formats have.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / EACH as f64
    }

    /// Out of a floating number that says thousandths.
    fn of_f64(number: f64) -> Option<Self> {
        let thousandths = number * EACH as f64;
        let near = thousandths.round();
        (near.abs() <= FLOATING && (thousandths - near).abs() <= near.abs() * OFF).then_some(Self(near as i64))
    }
}

/// So many whole ones.
impl From<i64> for Qty {
    fn from(units: i64) -> Self {
        Self::whole(units)
    }
}

/// So many whole ones.
impl PartialEq<i64> for Qty {
    fn eq(&self, units: &i64) -> bool {
        self.units() == Some(*units)
    }
}

impl Sum for Qty {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.0 {
            ..0 => "-",
            _ if f.sign_plus() => "+",
            _ => "",
        };
        let (all, each) = (self.0.unsigned_abs(), EACH.unsigned_abs());
        match format!("{:0PLACES$}", all % each).trim_end_matches('0') {
            "" => write!(f, "{sign}{}", all / each),
            part => write!(f, "{sign}{}.{part}", all / each),
        }
    }
}

impl fmt::Debug for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Qty {
    type Err = NoQty;

    fn from_str(text: &str) -> Result<Self, NoQty> {
        let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fine = part.trim_end_matches('0');
        if !digits(whole) || !digits(part) || fine.len() > PLACES {
            return Err(NoQty);
        }
        let whole: i64 = whole.parse().map_err(|_| NoQty)?;
        let part: i64 = format!("{fine:0<PLACES$}").parse().map_err(|_| NoQty)?;
        let all = whole.checked_mul(EACH).and_then(|all| all.checked_add(part)).ok_or(NoQty)?;
        Ok(Self(sign * all))
    }
}

impl Serialize for Qty {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.units() {
            Some(units) => out.serialize_i64(units),
            None => out.serialize_f64(self.as_f64()),
        }
    }
}

impl<'de> Deserialize<'de> for Qty {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Number)
    }
}

/// Reads a number: one in a text is none.
struct Number;

impl de::Visitor<'_> for Number {
    type Value = Qty;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number with at most three digits behind the point")
    }

    fn visit_i64<E: de::Error>(self, units: i64) -> Result<Qty, E> {
        Qty::checked_whole(units).ok_or_else(|| E::custom(NoQty))
    }

    fn visit_u64<E: de::Error>(self, units: u64) -> Result<Qty, E> {
        i64::try_from(units).map_err(|_| E::custom(NoQty)).and_then(|units| self.visit_i64(units))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Qty, E> {
        Qty::of_f64(number).ok_or_else(|| E::custom(NoQty))
    }
}

/// CBOR in payloads: a number of thousandths.
impl<C> Encode<C> for Qty {
    fn encode<W: encode::Write>(&self, out: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        out.i64(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Qty {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        from.i64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::{NoQty, Qty};

    fn qty(text: &str) -> Qty {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_said_as_people_do() {
        for (text, thousandths) in [("2", 2_000), ("1.5", 1_500), ("0.125", 125), ("-0.5", -500), ("0", 0)] {
            assert_eq!(qty(text), Qty::of_thousandths(thousandths));
            assert_eq!(qty(text).to_string(), text);
        }
        assert_eq!((qty("1.5000"), qty("2.0").to_string()), (qty("1.5"), "2".into()));
        assert_eq!(format!("{:+} {:+} {:+}", qty("1.5"), qty("-1.5"), qty("2")), "+1.5 -1.5 +2");
    }

    #[test]
    fn what_is_finer_or_no_number_is_none() {
        for text in ["", ".5", "1.", "1.0001", "1,5", "1e3", "+1", "--1", "9223372036854775807", "1.5 "] {
            assert_eq!(text.parse::<Qty>(), Err(NoQty), "{text}");
        }
    }

    #[test]
    fn json_says_it_as_a_number() {
        let json = |text: &str| serde_json::to_string(&qty(text)).unwrap();
        let read = |json: &str| serde_json::from_str::<Qty>(json).ok();

        assert_eq!([json("2"), json("1.5"), json("0.001"), json("999999.999")], ["2", "1.5", "0.001", "999999.999"]);
        assert_eq!(
            [read("2"), read("2.0"), read("1.5"), read("0.3")],
            ["2", "2", "1.5", "0.3"].map(|it| Some(qty(it)))
        );
        assert_eq!(
            [read("0.0000001"), read("1.0001"), read("\"2\""), read("1e300"), read("9223372036854775807")],
            [None; 5]
        );
    }
}

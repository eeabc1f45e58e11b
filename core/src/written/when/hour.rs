//! Hours: which hour is meant, by a number and the part of the day beside it.

use super::word::Spell;
use crate::written::{Because, Refusal};

/// An hour and its minute; the days by which it lies behind the day that was said.
pub(super) type Hour = (i64, i64, i64);

/// Why there is no one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoHour {
    /// One of these is meant.
    Ask(Because, Vec<Hour>),
    /// There is no such hour.
    Refuse(Refusal),
}

/// The one hour that a clock and a part of the day name.
pub(super) fn hour(clock: (i64, i64, Option<bool>), spell: Option<Spell>) -> Result<Hour, NoHour> {
    let (hour, minute, half) = clock;
    if hour > 24 || minute > 59 || (hour == 24 && minute > 0) {
        return Err(NoHour::Refuse(Refusal::NoSuchTime));
    }
    let at = |hour: i64| Ok((0, hour, minute));
    let ask = |among: &[(i64, i64)]| {
        Err(NoHour::Ask(Because::Ambiguous, among.iter().map(|(days, hour)| (*days, *hour, minute)).collect()))
    };
    let contradicts = Err(NoHour::Ask(Because::Contradiction, Vec::new()));
    if let Some(late) = half {
        return match hour {
            // By it people mean noon and midnight.
            12 => ask(&[(0, 0), (0, 12)]),
            1..=11 => at(hour + if late { 12 } else { 0 }),
            13..=23 if late => at(hour),
            _ => contradicts,
        };
    }
    match (spell, hour) {
        (None, 1..=6) => ask(&[(0, hour), (0, hour + 12)]),
        (None, _) => at(hour),
        (Some(Spell::Small), 0..=6) => at(hour),
        (Some(Spell::Small | Spell::Midnight), 12) | (Some(Spell::Evening), 12) => ask(&[(0, 0), (1, 0)]),
        (Some(Spell::Midnight), 24) | (Some(Spell::Evening), 24) => Ok((1, 0, minute)),
        (Some(Spell::Midnight), 0..=5) | (Some(Spell::Evening), 0..=4) => ask(&[(0, hour), (1, hour)]),
        (Some(Spell::Morning), 12) => ask(&[(0, 12)]),
        (Some(Spell::Morning), 0..=11) => at(hour),
        (Some(Spell::Noon), 11..=14) => at(hour),
        (Some(Spell::Noon), 1 | 2) => at(hour + 12),
        (Some(Spell::Afternoon), 12) => ask(&[(0, 12)]),
        (Some(Spell::Afternoon), 1..=7) => at(hour + 12),
        (Some(Spell::Afternoon), 13..=19) => at(hour),
        (Some(Spell::Evening), 5..=11) | (Some(Spell::Midnight), 9..=11) => at(hour + 12),
        (Some(Spell::Evening), 17..=23) | (Some(Spell::Midnight), 21..=23) => at(hour),
        (Some(_), _) => contradicts,
    }
}

#[cfg(test)]
mod tests {
    use super::{NoHour, hour};
    use crate::written::{Because, Refusal, when::word::Spell};

    #[test]
    fn a_part_of_the_day_says_which_of_two_hours() {
        assert_eq!(hour((4, 10, None), Some(Spell::Afternoon)), Ok((0, 16, 10)));
        assert_eq!(hour((8, 0, None), None), Ok((0, 8, 0)));
        assert_eq!(hour((8, 0, Some(true)), None), Ok((0, 20, 0)));
        assert_eq!(hour((16, 0, None), Some(Spell::Morning)), Err(NoHour::Ask(Because::Contradiction, Vec::new())));
        assert_eq!(hour((5, 0, None), None), Err(NoHour::Ask(Because::Ambiguous, vec![(0, 5, 0), (0, 17, 0)])));
        assert_eq!(hour((9, 75, None), None), Err(NoHour::Refuse(Refusal::NoSuchTime)));
    }
}

//! Words of times.

use crate::written::plain::starts;

/// A part of a text that says something of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Days from today.
    Shift(i64),
    /// A day of the week, from Monday 0; of which week, if that is said.
    Weekday(Option<i64>, i64),
    /// The end of a week.
    Weekend,
    /// `next Sunday`, which English speakers use for two days.
    Next(i64),
    /// A month from this one: `下个月3号`.
    MonthOf(i64),
    /// A year from this one: `明年1月3日`.
    YearOf(i64),
    /// This week, the next: without a day.
    Week(i64),
    /// A date; without a year the one that fits.
    Date(Option<i64>, i64, i64),
    /// A day of a month that is not said.
    DayOfMonth(i64),
    /// Two numbers that may be month and day.
    Pair(i64, i64, char),
    /// A part of a day.
    Of(Spell),
    /// An hour and a minute; whether a.m. or p.m.
    Clock(i64, i64, Option<bool>),
    /// A number that may be an hour.
    Bare(i64),
    /// A length of time in minutes.
    Minutes(i64),
    /// A length of time in days.
    Days(i64),
    /// A length of time in months.
    Months(i64),
    /// Some time: a few days.
    Some,
    /// At this moment.
    Now,
    /// Before what is said.
    Before,
    /// After what is said.
    After,
    /// Within what is said.
    Within,
    /// From one to the other.
    To,
    /// The one or the other.
    Or,
    /// A letter where a digit belongs.
    LookAlike,
    /// A day that is in no calendar of days and months.
    Feast,
    /// What says nothing of a time.
    Unknown,
}

/// How parts of a day are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spell {
    /// 凌晨: the hours before dawn.
    Small,
    /// 早上, 上午: until noon.
    Morning,
    /// 中午: the middle of the day.
    Noon,
    /// 下午: the afternoon.
    Afternoon,
    /// 傍晚, 晚上: from dusk on.
    Evening,
    /// 半夜: the middle of the night.
    Midnight,
}

use Spell::{Afternoon, Evening, Midnight, Morning, Noon, Small};
use Token::{After, Before, Feast, LookAlike, Minutes, MonthOf, Now, Of, Or, Shift, To, Week, Weekend, Within, YearOf};

/// Fixed words. The longest that fits is taken.
const WORDS: &[(&str, &[Token])] = &[
    ("大前天", &[Shift(-3)]),
    ("前天", &[Shift(-2)]),
    ("昨天", &[Shift(-1)]),
    ("昨日", &[Shift(-1)]),
    ("昨晚", &[Shift(-1), Of(Evening)]),
    ("昨夜", &[Shift(-1), Of(Evening)]),
    ("昨", &[Shift(-1)]),
    ("今天", &[Shift(0)]),
    ("今日", &[Shift(0)]),
    ("今儿", &[Shift(0)]),
    ("当天", &[Shift(0)]),
    ("今早", &[Shift(0), Of(Morning)]),
    ("今晨", &[Shift(0), Of(Morning)]),
    ("今晚", &[Shift(0), Of(Evening)]),
    ("今夜", &[Shift(0), Of(Evening)]),
    ("今", &[Shift(0)]),
    ("明天", &[Shift(1)]),
    ("明日", &[Shift(1)]),
    ("明儿", &[Shift(1)]),
    ("明早", &[Shift(1), Of(Morning)]),
    ("明晨", &[Shift(1), Of(Morning)]),
    ("明晚", &[Shift(1), Of(Evening)]),
    ("明", &[Shift(1)]),
    ("大后天", &[Shift(3)]),
    ("后天", &[Shift(2)]),
    ("凌晨", &[Of(Small)]),
    ("清早", &[Of(Morning)]),
    ("清晨", &[Of(Morning)]),
    ("早上", &[Of(Morning)]),
    ("早晨", &[Of(Morning)]),
    ("一早", &[Of(Morning)]),
    ("上午", &[Of(Morning)]),
    ("早", &[Of(Morning)]),
    ("中午", &[Of(Noon)]),
    ("正午", &[Of(Noon)]),
    ("下午", &[Of(Afternoon)]),
    ("午后", &[Of(Afternoon)]),
    ("傍晚", &[Of(Evening)]),
    ("晚上", &[Of(Evening)]),
    ("晚间", &[Of(Evening)]),
    ("夜里", &[Of(Midnight)]),
    ("夜间", &[Of(Evening)]),
    ("晚", &[Of(Evening)]),
    ("半夜", &[Of(Midnight)]),
    ("深夜", &[Of(Midnight)]),
    ("午夜", &[Of(Midnight)]),
    ("周末", &[Weekend]),
    ("星期末", &[Weekend]),
    ("本周", &[Week(0)]),
    ("这周", &[Week(0)]),
    ("这个星期", &[Week(0)]),
    ("下周", &[Week(1)]),
    ("下个星期", &[Week(1)]),
    ("下星期", &[Week(1)]),
    ("上周", &[Week(-1)]),
    ("上个星期", &[Week(-1)]),
    ("上星期", &[Week(-1)]),
    ("前晚", &[Shift(-2), Of(Evening)]),
    ("下个月", &[MonthOf(1)]),
    ("下月", &[MonthOf(1)]),
    ("这个月", &[MonthOf(0)]),
    ("本月", &[MonthOf(0)]),
    ("上个月", &[MonthOf(-1)]),
    ("上月", &[MonthOf(-1)]),
    ("今年", &[YearOf(0)]),
    ("明年", &[YearOf(1)]),
    ("去年", &[YearOf(-1)]),
    ("现在", &[Now]),
    ("之前", &[Before]),
    ("以前", &[Before]),
    ("前", &[Before]),
    ("之后", &[After]),
    ("以后", &[After]),
    ("过后", &[After]),
    ("起", &[After]),
    ("后", &[After]),
    ("之内", &[Within]),
    ("以内", &[Within]),
    ("内", &[Within]),
    ("里", &[Within]),
    ("至", &[To]),
    ("到", &[To]),
    ("-", &[To]),
    ("~", &[To]),
    ("或者", &[Or]),
    ("或", &[Or]),
    ("还是", &[Or]),
    ("农历", &[Feast]),
    ("阴历", &[Feast]),
    ("正月", &[Feast]),
    ("腊月", &[Feast]),
    ("初", &[Feast]),
    ("的", &[]),
    ("左右", &[]),
    ("大约", &[]),
    ("大概", &[]),
    ("整", &[]),
    ("需要", &[]),
    ("要", &[]),
    ("送到", &[]),
    ("送来", &[]),
    ("送达", &[]),
    ("取药", &[]),
    ("拿药", &[]),
    ("复诊", &[]),
    ("就诊", &[]),
    ("门诊", &[]),
    ("看病", &[]),
    ("体检", &[]),
    ("请", &[]),
    ("在", &[]),
    ("于", &[]),
    ("between", &[]),
    ("and", &[To]),
    ("最晚", &[Before]),
    ("最迟", &[Before]),
    (",", &[]),
    ("。", &[]),
    (".", &[]),
    ("、", &[]),
    ("(", &[]),
    (")", &[]),
    (" ", &[]),
    ("the day after tomorrow", &[Shift(2)]),
    ("day after tomorrow", &[Shift(2)]),
    ("the day before yesterday", &[Shift(-2)]),
    ("day before yesterday", &[Shift(-2)]),
    ("today", &[Shift(0)]),
    ("tomorrow", &[Shift(1)]),
    ("yesterday", &[Shift(-1)]),
    ("tonight", &[Shift(0), Of(Evening)]),
    ("last night", &[Shift(-1), Of(Evening)]),
    ("this morning", &[Shift(0), Of(Morning)]),
    ("this afternoon", &[Shift(0), Of(Afternoon)]),
    ("this evening", &[Shift(0), Of(Evening)]),
    ("in the morning", &[Of(Morning)]),
    ("in the afternoon", &[Of(Afternoon)]),
    ("in the evening", &[Of(Evening)]),
    ("at night", &[Of(Evening)]),
    ("at noon", &[Of(Noon)]),
    ("morning", &[Of(Morning)]),
    ("afternoon", &[Of(Afternoon)]),
    ("evening", &[Of(Evening)]),
    ("night", &[Of(Evening)]),
    ("noon", &[Of(Noon)]),
    ("midnight", &[Of(Midnight)]),
    ("now", &[Now]),
    ("before", &[Before]),
    ("by", &[Before]),
    ("until", &[Before]),
    ("till", &[Before]),
    ("after", &[After]),
    ("within", &[Within]),
    ("later", &[After]),
    ("from now", &[After]),
    ("ago", &[Before]),
    ("in", &[After]),
    ("at", &[]),
    ("on", &[]),
    ("from", &[]),
    ("of", &[]),
    ("the", &[]),
    ("half an hour", &[Minutes(30)]),
    ("an hour", &[Minutes(60)]),
    ("o'clock", &[]),
    ("to", &[To]),
    ("or", &[Or]),
    ("weekend", &[Weekend]),
    ("l点", &[LookAlike]),
];

/// The longest fixed word here, what it says and how many characters it has.
pub(super) fn fixed(text: &[char]) -> Option<(&'static [Token], usize)> {
    let fits = |(word, tokens): &(&'static str, &'static [Token])| {
        let len = word.chars().count();
        let same = starts(text, word);
        let letters = word.ends_with(|c: char| c.is_ascii_alphabetic());
        let ends = !letters || !text.get(len).is_some_and(char::is_ascii_alphabetic);
        (same && ends).then_some((*tokens, len))
    };
    WORDS.iter().filter_map(fits).max_by_key(|(_, len)| *len)
}

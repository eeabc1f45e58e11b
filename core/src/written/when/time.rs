//! One time out of its words.

use super::{
    Around, Part, Purpose, When,
    day::{Beside, NoDay, day},
    hour::{NoHour, hour},
    word::{Spell, Token},
};
use crate::written::{
    About, Because, Reading, Refusal,
    calendar::{Date, Local},
};

/// Days ahead, or behind, beyond which a time is strange.
const SOON: i64 = 370;
/// Days ahead beyond which an appointment is.
const FAR: i64 = 3 * 366;

/// A stop on the way to a time: a question or a refusal.
type Stop = Box<Reading<When>>;

fn ask(because: Because, among: Vec<When>) -> Stop {
    Box::new(Reading::among(About::Time, because, among))
}

fn refuse(refusal: Refusal) -> Stop {
    Box::new(Reading::Refuse(refusal))
}

/// Reads what the words say.
pub(super) fn read(tokens: &[Token], around: Around) -> Reading<When> {
    match spoken(tokens, around).and_then(|when| fitting(when, tokens, around)) {
        Ok(when) => Reading::Read(when),
        Err(stop) => *stop,
    }
}

fn spoken(tokens: &[Token], around: Around) -> Result<When, Stop> {
    for (token, because) in [
        (Token::LookAlike, Because::LookAlike),
        (Token::Feast, Because::NotATime),
        (Token::Or, Because::Several),
        (Token::Some, Because::NotANumber),
    ] {
        if tokens.contains(&token) {
            return Err(ask(because, Vec::new()));
        }
    }
    if let [Token::MonthOf(_) | Token::YearOf(_)] = tokens {
        return Err(ask(Because::Ambiguous, Vec::new()));
    }
    let said = |token: &Token| {
        !matches!(token, Token::Unknown | Token::Before | Token::After | Token::Within | Token::To | Token::Bare(_))
    };
    let timed = tokens.iter().any(said)
        || (!tokens.contains(&Token::Unknown) && tokens.iter().any(|token| matches!(token, Token::Bare(_))));
    if !timed {
        return Err(refuse(Refusal::NotATime));
    }
    if tokens.contains(&Token::Unknown) {
        return Err(ask(Because::NotATime, Vec::new()));
    }
    if tokens.contains(&Token::Weekend) {
        return Err(ask(Because::Ambiguous, Vec::new()));
    }
    let mut halves = tokens.split(|token| *token == Token::To);
    match (halves.next(), halves.next(), halves.next()) {
        (Some(only), None, None) => one(only, around),
        (Some([]), Some(until), None) => match moment(until, around, None)? {
            When::At(time) => Ok(When::By(time)),
            When::Day(date) => Ok(When::ByDay(date)),
            _ => Err(ask(Because::Ambiguous, Vec::new())),
        },
        (Some(from), Some(until), None) => span(from, until, around),
        _ => Err(ask(Because::Several, Vec::new())),
    }
}

/// A time with what stands beside it: before, after, within.
fn one(tokens: &[Token], around: Around) -> Result<When, Stop> {
    if let Some(ahead) = ahead(tokens) {
        return one(&ahead, around);
    }
    if let Some(length) = length(tokens, around)? {
        return Ok(length);
    }
    let has = |token: Token| tokens.contains(&token);
    if let Some(Token::Week(weeks)) = tokens.iter().find(|token| matches!(token, Token::Week(_))) {
        let today = around.now.date();
        let sunday = today.plus(weeks * 7 + 6 - today.weekday());
        return match sunday {
            Some(sunday) if has(Token::Within) => Ok(When::ByDay(sunday)),
            _ => Err(ask(Because::Ambiguous, Vec::new())),
        };
    }
    let when = moment(tokens, around, None)?;
    match when {
        When::At(time) if has(Token::Before) => Ok(When::By(time)),
        When::At(time) if has(Token::After) => Ok(When::After(time)),
        When::Day(date) if has(Token::Before) => begins(date, 0).map(When::By),
        When::Day(date) if has(Token::After) => begins(date, 1).map(When::After),
        When::In(..) if has(Token::Before) || has(Token::After) => Err(ask(Because::Ambiguous, Vec::new())),
        when => Ok(when),
    }
}

/// `三天后上午`: a day so many days from now, with more about it.
fn ahead(tokens: &[Token]) -> Option<Vec<Token>> {
    let said = |token: &Token| matches!(token, Token::Of(_) | Token::Clock(..));
    let at = tokens.windows(2).position(|pair| matches!(pair, [Token::Days(_), Token::After | Token::Before]))?;
    let [Token::Days(days), side] = tokens[at..at + 2] else { return None };
    let days = if side == Token::Before { -days } else { days };
    let rest: Vec<Token> = tokens[..at].iter().chain(&tokens[at + 2..]).copied().collect();
    rest.iter().any(said).then(|| [vec![Token::Shift(days)], rest].concat())
}

fn begins(date: Date, later: i64) -> Result<Local, Stop> {
    date.plus(later).and_then(|date| Local::new(date, 0, 0)).ok_or_else(|| refuse(Refusal::NoSuchTime))
}

/// A length of time from now, or before it.
fn length(tokens: &[Token], around: Around) -> Result<Option<When>, Stop> {
    let lengths: Vec<&Token> =
        tokens.iter().filter(|token| matches!(token, Token::Minutes(_) | Token::Days(_) | Token::Months(_))).collect();
    let [length] = lengths[..] else {
        return if lengths.is_empty() { Ok(None) } else { Err(ask(Because::Several, Vec::new())) };
    };
    let more = |token: &Token| {
        !matches!(
            token,
            Token::Minutes(_) | Token::Days(_) | Token::Months(_) | Token::Before | Token::After | Token::Within
        )
    };
    if tokens.iter().any(more) {
        return Err(ask(Because::Ambiguous, Vec::new()));
    }
    let has = |token: Token| tokens.contains(&token);
    let sign = if has(Token::Before) { -1 } else { 1 };
    let (now, today) = (around.now, around.now.date());
    let when = match length {
        Token::Minutes(minutes) => now.plus_minutes(sign * minutes).map(When::At),
        Token::Days(days) => today.plus(sign * days).map(When::Day),
        Token::Months(months) => today.plus_months(sign * months).map(When::Day),
        _ => None,
    };
    match when.ok_or_else(|| refuse(Refusal::NoSuchTime))? {
        When::At(time) if has(Token::Within) => Ok(Some(When::By(time))),
        When::Day(date) if has(Token::Within) => Ok(Some(When::ByDay(date))),
        when if has(Token::Before) || has(Token::After) => Ok(Some(when)),
        _ => Err(ask(Because::Ambiguous, Vec::new())),
    }
}

/// From one time to another; what only the first says holds for both.
fn span(from: &[Token], until: &[Token], around: Around) -> Result<When, Stop> {
    let timed = |token: &Token| matches!(token, Token::Clock(..) | Token::Bare(_));
    let hourly = |tokens: &[Token]| {
        tokens
            .iter()
            .map(|token| if let Token::Bare(hour) = token { Token::Clock(*hour, 0, None) } else { *token })
            .collect::<Vec<_>>()
    };
    if !from.iter().any(timed) || !until.iter().any(timed) {
        return Err(ask(Because::Ambiguous, Vec::new()));
    }
    let (from, mut until) = (hourly(from), hourly(until));
    let spelt = |tokens: &[Token]| tokens.iter().any(|token| matches!(token, Token::Of(_)));
    if !spelt(&until) {
        until.extend(from.iter().filter(|token| matches!(token, Token::Of(_))));
    }
    let late = |tokens: &[Token]| {
        tokens.iter().find_map(|token| if let Token::Clock(_, _, late) = token { *late } else { None })
    };
    // `2-4pm`: both are.
    let from: Vec<Token> = from
        .into_iter()
        .map(|token| match token {
            Token::Clock(hour, minute, None) => Token::Clock(hour, minute, late(&until)),
            token => token,
        })
        .collect();
    let When::At(first) = moment(&from, around, None)? else { return Err(ask(Because::Ambiguous, Vec::new())) };
    let When::At(last) = moment(&until, around, Some(first.date()))? else {
        return Err(ask(Because::Ambiguous, Vec::new()));
    };
    if first < last { Ok(When::Span(first, last)) } else { Err(ask(Because::Contradiction, Vec::new())) }
}

/// A day, a part of one, or an hour of one. `given` is the day where another time said it.
fn moment(tokens: &[Token], around: Around, given: Option<Date>) -> Result<When, Stop> {
    let clocks: Vec<(i64, i64, Option<bool>)> = tokens.iter().filter_map(clock).collect();
    let spells: Vec<Spell> =
        tokens.iter().filter_map(|token| if let Token::Of(spell) = token { Some(*spell) } else { None }).collect();
    if tokens.contains(&Token::Now) {
        return Ok(When::At(around.now));
    }
    if clocks.len() > 1 {
        return Err(ask(Because::Several, Vec::new()));
    }
    let spell = match spells[..] {
        [] => None,
        [spell] => Some(spell),
        [Spell::Evening | Spell::Morning, narrower] => Some(narrower),
        _ => return Err(ask(Because::Contradiction, Vec::new())),
    };
    let beside = match (clocks.is_empty(), spell) {
        (false, _) => Beside::Hour,
        (true, Some(_)) => Beside::Part,
        (true, None) => Beside::Nothing,
    };
    let date = match day(tokens, around, beside) {
        Ok(date) => date.or(given),
        Err(NoDay::Refuse(refusal)) => return Err(refuse(refusal)),
        Err(NoDay::Ask(because, days)) => {
            let among = days.into_iter().filter_map(|day| on(day, clocks.first().copied(), spell).ok());
            return Err(ask(because, among.collect()));
        }
    };
    match (date, clocks.first()) {
        (Some(date), clock) => on(date, clock.copied(), spell),
        (None, Some(clock)) => some_day(*clock, spell, around),
        (None, None) if spell.is_some() => on(around.now.date(), None, spell),
        (None, None) => Err(refuse(Refusal::NotATime)),
    }
}

fn clock(token: &Token) -> Option<(i64, i64, Option<bool>)> {
    match token {
        Token::Clock(hour, minute, late) => Some((*hour, *minute, *late)),
        Token::Bare(hour) => Some((*hour, 0, None)),
        _ => None,
    }
}

/// An hour or a part of a day.
fn on(date: Date, clock: Option<(i64, i64, Option<bool>)>, spell: Option<Spell>) -> Result<When, Stop> {
    let local = |(days, hour, minute): (i64, i64, i64)| date.plus(days).and_then(|date| Local::new(date, hour, minute));
    match (clock, spell) {
        (Some(clock), spell) => match hour(clock, spell) {
            Ok(hour) => local(hour).map(When::At).ok_or_else(|| refuse(Refusal::NoSuchTime)),
            Err(NoHour::Refuse(refusal)) => Err(refuse(refusal)),
            Err(NoHour::Ask(because, hours)) => {
                Err(ask(because, hours.into_iter().filter_map(local).map(When::At).collect()))
            }
        },
        (None, Some(Spell::Noon)) => local((0, 12, 0)).map(When::At).ok_or_else(|| refuse(Refusal::NoSuchTime)),
        (None, Some(Spell::Midnight)) => Err(ask(Because::Ambiguous, Vec::new())),
        (None, Some(Spell::Small | Spell::Morning)) => Ok(When::In(date, Part::Morning)),
        (None, Some(Spell::Afternoon)) => Ok(When::In(date, Part::Afternoon)),
        (None, Some(Spell::Evening)) => Ok(When::In(date, Part::Evening)),
        (None, None) => Ok(When::Day(date)),
    }
}

/// An hour of a day that is not said: today's, where that is on the right side of now.
fn some_day(clock: (i64, i64, Option<bool>), spell: Option<Spell>, around: Around) -> Result<When, Stop> {
    let (now, today) = (around.now, around.now.date());
    let When::At(time) = on(today, Some(clock), spell)? else { return Err(refuse(Refusal::NotATime)) };
    let happened = around.purpose == Purpose::HappenedAt;
    if happened == (time <= now) || time == now {
        return Ok(When::At(time));
    }
    let tonight = if spell.is_none() && clock.2.is_none() && clock.0 < 12 { time.plus_minutes(12 * 60) } else { None };
    let tonight = tonight.filter(|time| !happened && *time > now);
    let other = time.plus_minutes(if happened { -24 * 60 } else { 24 * 60 });
    let among = tonight.into_iter().chain(other).map(When::At).collect();
    Err(ask(if happened { Because::Future } else { Because::Past }, among))
}

/// The time, where it lies on the side of now on which it must.
fn fitting(when: When, tokens: &[Token], around: Around) -> Result<When, Stop> {
    let now = around.now;
    let ends = |part: Part| match part {
        Part::Morning => (0, 12),
        Part::Afternoon => (12, 18),
        Part::Evening => (18, 24),
    };
    let at = |date: Date, hour: i64| Local::new(date, hour, 0).unwrap_or(now);
    let (first, last) = match when {
        When::At(time) | When::By(time) | When::After(time) => (time, time),
        When::Span(from, until) => (from, until),
        When::Day(date) | When::ByDay(date) => (at(date, 0), at(date, 24)),
        When::In(date, part) => (at(date, ends(part).0), at(date, ends(part).1)),
    };
    let ahead = first.date().number() - now.date().number();
    match around.purpose {
        Purpose::HappenedAt if first > now => Err(refuse(Refusal::Future)),
        Purpose::HappenedAt if -ahead > SOON => Err(ask(Because::Strange, vec![when])),
        Purpose::HappenedAt => Ok(when),
        // From then on is not past while it goes on.
        _ if last < now || (last == now && first < last) => Err(ask(Because::Past, tomorrow(when, tokens))),
        Purpose::NeededBy if ahead > SOON => Err(ask(Because::Strange, vec![when])),
        Purpose::Appointment if ahead > FAR => Err(ask(Because::Strange, vec![when])),
        _ => Ok(when),
    }
}

/// The same a day later, where no day was said.
fn tomorrow(when: When, tokens: &[Token]) -> Vec<When> {
    let dated = |token: &Token| {
        matches!(token, Token::Shift(_) | Token::Weekday(..) | Token::Date(..) | Token::DayOfMonth(_) | Token::Pair(..))
    };
    match when {
        When::In(date, part) if !tokens.iter().any(dated) => {
            date.plus(1).map(|date| When::In(date, part)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

//! Lists: the board, my round, what to look at, search, the log.

use clap::{Args, builder::TypedValueParser};
use linli_core::{
    aggregate::{
        Position,
        order::{Status, Urgency},
    },
    replica::{Hit, LogLine, OrderFilter, OrderState, Part, ReviewFilter, Stop},
    vocabulary::Coded,
};
use serde_json::{Map, Value, json};

use crate::{
    answer::Answer,
    args::coded,
    failure::{Failure, Outcome},
    home::Phone,
    newer,
    order::urgency,
    show::{self, held_text, join, order_line, place_of, shorts, texts},
    words::short,
    wrong::Wrong,
};

#[derive(Args)]
pub(crate) struct Board {
    #[arg(long = "building", value_name = "BUILDING")]
    buildings: Vec<String>,
    #[arg(long = "status", value_name = "STATUS", value_parser = status())]
    statuses: Vec<Status>,
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    #[arg(long, value_parser = urgency())]
    urgency: Option<Urgency>,
    #[arg(long)]
    mine: bool,
    #[arg(long)]
    free: bool,
    #[arg(long)]
    contested: bool,
    #[arg(long)]
    review: bool,
    #[arg(long)]
    lapsed: bool,
    #[arg(long)]
    stale: bool,
    #[arg(long)]
    text: Option<String>,
    #[arg(long, conflicts_with = "all")]
    closed: bool,
    #[arg(long)]
    all: bool,
    #[arg(long, default_value = "50")]
    limit: usize,
    #[arg(long = "next", alias = "after", value_name = "POSITION")]
    next: Option<String>,
}

#[derive(Args)]
pub(crate) struct Round {
    #[arg(long)]
    to_buy: bool,
}

#[derive(Args)]
pub(crate) struct Conflicts {
    #[arg(long)]
    building: Option<String>,
    #[arg(long)]
    code: Option<String>,
    #[arg(long, default_value = "100")]
    limit: usize,
    #[arg(long = "next", value_name = "POSITION")]
    next: Option<String>,
}

#[derive(Args)]
pub(crate) struct Search {
    text: String,
    #[arg(long, default_value = "50")]
    limit: usize,
    #[arg(long = "next", value_name = "POSITION")]
    next: Option<String>,
}

#[derive(Args)]
pub(crate) struct Log {
    id: Option<String>,
    #[arg(long)]
    held: bool,
    #[arg(long, default_value = "50")]
    limit: usize,
    #[arg(long = "next", value_name = "POSITION")]
    next: Option<String>,
}

fn status() -> impl TypedValueParser<Value = Status> {
    coded(Status::CODES.iter().copied())
}

/// A position as text without white space, so that it can be given back.
fn position_text(position: &Position) -> String {
    hex::encode(serde_json::to_vec(position).unwrap_or_default())
}

fn position(text: Option<&str>) -> Outcome<Option<Position>> {
    let Some(text) = text else { return Ok(None) };
    let bytes = hex::decode(text).ok();
    let position = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    position.map(Some).ok_or_else(|| Failure::usage(Wrong::NotAPosition, json!({ "text": text })))
}

/// A page as a document, and where it goes on as a line.
fn page(phone: &Phone, items: Value, next: Option<&Position>, mut lines: Vec<String>) -> Answer {
    let next = next.map(position_text);
    if lines.is_empty() {
        lines.push(phone.words.plain("screen.nothing"));
    }
    lines.extend(next.as_ref().map(|next| phone.words.say("screen.more", &texts([("next", next.clone())]))));
    Answer::new(json!({ "items": items, "next": next }), lines)
}

pub(crate) fn board(phone: &Phone, board: Board) -> Outcome<Answer> {
    let labels = board.buildings.iter().map(|text| phone.building_label(text));
    let kinds = board.kinds.iter().map(|text| phone.order_kind(text));
    let state = match (board.closed, board.all) {
        (true, _) => OrderState::Closed,
        (_, true) => OrderState::All,
        // Asking for a status that has ended says enough.
        _ if board.statuses.iter().any(|status| !status.is_open()) => OrderState::All,
        _ => OrderState::Open,
    };
    let mine = [Part::Holder, Part::Contender, Part::Offered, Part::Author];
    let filter = OrderFilter {
        buildings: labels.collect::<Outcome<_>>()?,
        state,
        statuses: board.statuses,
        kinds: kinds.collect::<Outcome<_>>()?,
        urgency: board.urgency,
        mine: if board.mine { mine.to_vec() } else { Vec::new() },
        held: board.free.then_some(false),
        contested: board.contested,
        review: board.review,
        lapsed: board.lapsed,
        stale: board.stale,
        text: board.text,
        after: position(board.next.as_deref())?,
        limit: board.limit,
    };
    let found = phone.replica.board(&filter)?;
    let lines = found.items.iter().map(|line| order_line(phone, line)).collect();
    Ok(page(phone, json!(found.items), found.next.as_ref(), lines))
}

pub(crate) fn round(phone: &Phone, round: &Round) -> Outcome<Answer> {
    let mine = phone.replica.my_round()?;
    let mut lines = Vec::new();
    for (title, all) in [("screen.to_buy", &mine.to_buy), ("screen.to_load", &mine.to_load)] {
        if all.is_empty() || (round.to_buy && title == "screen.to_load") {
            continue;
        }
        lines.push(phone.words.plain(title));
        lines.extend(all.iter().map(|carry| {
            let qty = if carry.qty == 0 { String::new() } else { carry.qty.to_string() };
            let params = texts([
                ("name", carry.name.clone()),
                ("qty", qty),
                ("unit", carry.unit.clone().unwrap_or_default()),
                ("orders", shorts(&carry.orders)),
            ]);
            format!("  {}", phone.words.say("screen.carry", &params))
        }));
    }
    if !round.to_buy {
        lines.extend(mine.stops.iter().flat_map(|stop| stop_lines(phone, stop)));
    }
    if lines.is_empty() {
        lines.push(phone.words.plain("screen.nothing"));
    }
    Ok(Answer::new(&mine, lines))
}

fn stop_lines(phone: &Phone, stop: &Stop) -> Vec<String> {
    let place = place_of([Some(&stop.building), stop.unit.as_deref(), stop.room.as_deref()]);
    let name = stop.building_name.clone().unwrap_or_default();
    let mut lines = vec![format!("{place} {name}").trim_end().to_owned()];
    let entrance = stop.entrance_note.clone().map(|note| phone.words.say("screen.entrance", &texts([("note", note)])));
    lines.extend(entrance.map(|line| format!("  {line}")));
    lines.extend(stop.orders.iter().map(|order| format!("  {}", order_line(phone, &order.line))));
    lines
}

pub(crate) fn conflicts(phone: &Phone, conflicts: &Conflicts) -> Outcome<Answer> {
    let filter = ReviewFilter {
        building: conflicts.building.as_deref().map(|text| phone.building_label(text)).transpose()?,
        code: conflicts.code.clone(),
        after: position(conflicts.next.as_deref())?,
        limit: conflicts.limit,
        ..ReviewFilter::default()
    };
    let found = phone.replica.review_queue(&filter)?;
    let lines = found.items.iter().map(|item| {
        let what = show::review(phone, &item.code, &item.params);
        let kind = phone.words.word("word", &item.kind);
        let building = item.building.as_deref().map(|label| show::building(phone, label));
        join([format!("{kind} {}", short(item.aggregate)), building.unwrap_or_default(), what])
    });
    let lines = lines.collect();
    newer::with(phone, page(phone, json!(found.items), found.next.as_ref(), lines))
}

pub(crate) fn search(phone: &Phone, search: &Search) -> Outcome<Answer> {
    let after = position(search.next.as_deref())?;
    let found = phone.replica.search(&search.text, after.as_ref(), search.limit)?;
    let line = |hit: &Hit| join([short(hit.aggregate), phone.words.word("word", &hit.kind), hit.line.clone()]);
    let lines = found.items.iter().map(line).collect();
    Ok(page(phone, json!(found.items), found.next.as_ref(), lines))
}

/// The log of everything as arrived, or the history of one thing.
pub(crate) fn log(phone: &Phone, log: &Log) -> Outcome<Answer> {
    if let Some(id) = &log.id {
        let thing = phone.any(id)?;
        let told = phone.replica.history(thing)?;
        let told: Vec<_> = told.into_iter().filter(|told| !log.held || told.held.is_some()).collect();
        let lines = show::history(phone, phone.kind_of(thing)?, &told);
        return Ok(Answer::new(&told, lines));
    }
    let after = position(log.next.as_deref())?;
    let found = match log.held {
        true => phone.replica.held_events(None, after.as_ref(), log.limit)?,
        false => phone.replica.log(after.as_ref(), log.limit)?,
    };
    // The newest page comes first, but people read downwards: the newest stands last.
    let mut lines: Vec<String> = found.items.iter().map(|line| log_line(phone, line)).collect();
    if !log.held {
        lines.reverse();
    }
    Ok(page(phone, json!(found.items), found.next.as_ref(), lines))
}

/// What an event says, as the history of its thing tells it; where that is not there any more, only that it was said.
fn done(phone: &Phone, line: &LogLine, key: &str) -> String {
    let history = line.aggregate.and_then(|aggregate| phone.replica.history(aggregate).ok()).unwrap_or_default();
    let told = history.into_iter().find(|told| told.event == line.event);
    match told.and_then(|told| told.params.as_object().cloned()) {
        Some(mut params) => {
            phone.name(&mut params);
            phone.words.say(key, &params)
        }
        None => phone.words.say(key, &Map::new()).replace('?', "…"),
    }
}

fn log_line(phone: &Phone, line: &LogLine) -> String {
    let who = line.by.map(|by| phone.member_name(by)).unwrap_or_else(|| phone.device_name(line.device));
    let what = match (line.kind, line.code) {
        (Some(kind), Some(code)) => done(phone, line, &format!("event.{kind}.{code}")),
        _ => phone.words.plain("screen.unknown"),
    };
    let kind = line.kind.map(|kind| phone.words.word("word", kind)).unwrap_or_default();
    let on = line.aggregate.map(|aggregate| format!("{kind} {}", short(aggregate)));
    join([
        short(line.event),
        phone.local.show_if(line.wall),
        format!("{who} {what}"),
        on.unwrap_or_default(),
        line.held.map(|held| held_text(phone, &json!(held))).unwrap_or_default(),
    ])
}

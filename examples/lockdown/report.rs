//! What is told at the end: figures for machines, tables for people. Contacts are masked, people are phones.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use anyhow::Result;
use jiff::{Timestamp, tz::TimeZone};
use linli_core::{
    aggregate::{
        Found, Select,
        medicine_box::transfers,
        order::{ORDER_CARD, OrderCard},
    },
    id::MemberId,
    qty::Qty,
};
use linli_tests::trace::Trace;
use serde::Serialize;

use crate::{
    act::ending,
    plan::Plan,
    proof::{Checked, differences},
    rows::{ReplicaWorld, Rows, every},
    tally::Tally,
    town::Town,
};

/// Orders on the board that is printed, lines of the ledger.
const LINES: usize = 10;
/// Differences that are printed.
const TOLD: usize = 20;

/// What must at least have been seen on a recording of a thousand orders; of fewer in proportion.
const LEAST: [(&str, u64); 4] =
    [("contested claims", 50), ("conflicting edits", 20), ("uncertain lots", 5), ("transfers cut mid-frame", 100)];

/// Seconds that each part took.
#[derive(Serialize)]
pub(crate) struct Seconds {
    pub founded: f64,
    pub replayed: f64,
    pub settled: f64,
    pub proven: f64,
    /// Processor time of all of it on all cores, kernel excluded.
    pub cpu: f64,
}

/// The figures. All but the seconds are the same for the same seed.
#[derive(Serialize)]
pub(crate) struct Figures {
    recording: String,
    seed: u64,
    phones: usize,
    buildings: usize,
    boxes: usize,
    steps: usize,
    /// Actions of the recording that name nothing.
    pointless: u64,
    done: BTreeMap<&'static str, u64>,
    refused: BTreeMap<&'static str, BTreeMap<String, u64>>,
    insisted: u64,
    meetings: u64,
    /// Syncs with the relay, where there is one.
    relayed: u64,
    kept_apart: u64,
    cut: u64,
    cut_mid_frame: u64,
    bytes: u64,
    events: u64,
    aggregates: u64,
    verified: usize,
    contested: u64,
    contested_ended: BTreeMap<&'static str, u64>,
    conflicting_edits: u64,
    chosen: u64,
    uncertain_lots: u64,
    transfers: linli_core::aggregate::medicine_box::Totals,
    state: String,
    read_model: String,
    /// Nobody had news for anybody at the end.
    at_rest: bool,
    differences: Vec<String>,
    /// What was seen too little of.
    lacking: Vec<String>,
    seconds: Seconds,
    proven: bool,
}

impl Figures {
    /// Puts the figures together.
    #[allow(clippy::too_many_arguments, reason = "they come from everywhere")]
    pub(crate) fn draw(
        trace: &Trace,
        plan: &Plan,
        seed: u64,
        town: &Town,
        tally: Tally,
        at_rest: bool,
        checked: &[Checked],
        seconds: Seconds,
    ) -> Result<Self> {
        let mut differences: Vec<String> =
            tally.failures.iter().map(|(step, failure)| format!("step {step}: {failure}")).collect();
        differences.extend(differences_of(checked, at_rest));
        let contested_ended = endings(town, &tally)?;
        let mut refused: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for ((name, code), count) in tally.refused {
            refused.entry(name).or_default().insert(code, count);
        }
        let verified: Vec<(u64, u64)> = checked.iter().filter_map(|phone| phone.verified).collect();
        let (events, aggregates) = verified.first().copied().unwrap_or_default();
        let first = checked.first();
        let mut figures = Self {
            recording: trace.header.community.clone(),
            seed,
            phones: plan.phones,
            buildings: plan.buildings.len(),
            boxes: plan.boxes.len(),
            steps: plan.steps.len(),
            pointless: plan.pointless,
            done: tally.done,
            refused,
            insisted: tally.insisted,
            meetings: tally.meetings,
            relayed: tally.relayed,
            kept_apart: tally.kept_apart,
            cut: tally.cut,
            cut_mid_frame: tally.cut_mid_frame,
            bytes: tally.bytes,
            events,
            aggregates,
            verified: verified.len(),
            contested: tally.contested.len() as u64,
            contested_ended,
            conflicting_edits: tally.conflicting.len() as u64,
            chosen: tally.chosen,
            uncertain_lots: tally.uncertain.len() as u64,
            transfers: transfers(&ReplicaWorld(&town.phones[0].replica))?.totals(),
            state: first.map(|phone| phone.state.clone()).unwrap_or_default(),
            read_model: first.map(|phone| phone.rows.clone()).unwrap_or_default(),
            at_rest,
            differences,
            lacking: Vec::new(),
            seconds,
            proven: false,
        };
        figures.lacking = figures.lacking(plan.orders as u64);
        figures.proven = figures.differences.is_empty() && figures.lacking.is_empty();
        Ok(figures)
    }

    /// Whether everything is proven.
    pub(crate) fn proven(&self) -> bool {
        self.proven
    }

    /// What differs or does not fit.
    #[cfg(test)]
    pub(crate) fn differences(&self) -> &[String] {
        &self.differences
    }

    fn lacking(&self, orders: u64) -> Vec<String> {
        let seen = [self.contested, self.conflicting_edits, self.uncertain_lots, self.cut_mid_frame];
        let wanted = |least: u64| (least * orders.min(1_000)).div_ceil(1_000).max(1);
        let short = LEAST.into_iter().zip(seen).filter(|((_, least), seen)| *seen < wanted(*least));
        short.map(|((name, least), seen)| format!("{seen} {name}, at least {} are needed", wanted(least))).collect()
    }
}

fn differences_of(checked: &[Checked], at_rest: bool) -> Vec<String> {
    let restless = (!at_rest).then(|| "the phones never came to rest: somebody always had news".to_owned());
    restless.into_iter().chain(differences(checked)).collect()
}

/// How the orders that were contested ended, by the first phone.
fn endings(town: &Town, tally: &Tally) -> Result<BTreeMap<&'static str, u64>> {
    let cards = every(&town.phones[0].replica, Select::from(ORDER_CARD.name))?;
    let mut endings = BTreeMap::new();
    for row in cards.found.iter().filter(|row| tally.contested.contains(&row.aggregate)) {
        let how = ending(tally, row.aggregate, cards.text(row, "status"), cards.int(row, "contested") != 0);
        *endings.entry(how).or_default() += 1;
    }
    Ok(endings)
}

/// The figures as JSON.
pub(crate) fn json(figures: &Figures) -> Result<String> {
    Ok(serde_json::to_string_pretty(figures)?)
}

/// Everything for people.
pub(crate) fn print(town: &Town, figures: &Figures) -> Result<String> {
    let mut out = String::new();
    board(&mut out, town)?;
    box_ledger(&mut out, town)?;
    tables(&mut out, figures)?;
    verdict(&mut out, figures)?;
    Ok(out)
}

/// The board of the building with the most open orders.
fn board(out: &mut String, town: &Town) -> Result<()> {
    let replica = &town.phones[0].replica;
    let open = every(replica, Select::from(ORDER_CARD.name).is("open", true))?;
    let mut by_building: BTreeMap<&str, usize> = BTreeMap::new();
    open.found.iter().for_each(|row| *by_building.entry(open.text(row, "building")).or_default() += 1);
    let Some((building, count)) = by_building.into_iter().max_by_key(|(_, count)| *count) else {
        return Ok(writeln!(out, "No order is open.\n")?);
    };
    writeln!(out, "Building {building}: {count} open orders, the most urgent first")?;
    let select = Select::from(ORDER_CARD.name).is("open", true).is("building", building);
    let page = replica.select(&select.descending("urgency").ascending("opened").limit(LINES))?;
    for row in &page.items {
        let card: OrderCard = serde_json::from_str(open.text(row, "card"))?;
        let address = [Some(card.building), card.unit, card.room].into_iter().flatten().collect::<Vec<_>>().join("-");
        let holder = card.holder.map_or_else(|| "nobody".to_owned(), |holder| town.who(holder));
        let mark = if card.contested { "  contested" } else { "" };
        let (urgency, contact) = (card.urgency.code(), card.contact.unwrap_or_default());
        let items = card.items.join(" ");
        writeln!(out, "  {urgency:<10}{address:<12}{:<10}{holder:<10} {contact} {items}{mark}", card.status.code())?;
    }
    Ok(writeln!(out)?)
}

/// The ledger of the lot with the most lines, in the box it lies in.
fn box_ledger(out: &mut String, town: &Town) -> Result<()> {
    let replica = &town.phones[0].replica;
    let moves = every(replica, Select::from("box_move"))?;
    let mut lines: BTreeMap<_, usize> = BTreeMap::new();
    for row in &moves.found {
        *lines.entry((row.aggregate, moves.cell(row, "lot").reference())).or_default() += 1;
    }
    let Some(((medicine_box, lot), _)) = lines.into_iter().max_by_key(|(_, count)| *count) else {
        return Ok(writeln!(out, "No box was used.\n")?);
    };
    let boxes = every(replica, Select::from("box").of(medicine_box))?;
    let building = boxes.found.first().map(|row| boxes.text(row, "building")).unwrap_or_default();
    let lots = every(replica, Select::from("box_lot").is("lot", lot))?;
    let Some(stock) = lots.found.first() else { return Ok(()) };
    let products = every(replica, Select::from("product"))?;
    let product = products.found.iter().find(|row| lots.cell(stock, "product").reference() == Some(row.aggregate));
    let name = product.map(|row| products.text(row, "name")).unwrap_or_default();
    writeln!(out, "The box of building {building}, its most used lot: {name}, in {}", lots.text(stock, "unit"))?;
    let mut running = Qty::ZERO;
    for row in moves.found.iter().filter(|row| moves.cell(row, "lot").reference() == lot) {
        running = running.saturating_add(moves.qty(row, "qty"));
        line(out, town, &moves, row, running)?;
    }
    let uncertain = if lots.int(stock, "uncertain") != 0 { ", uncertain: count again" } else { "" };
    Ok(writeln!(out, "  stock {}{uncertain}\n", lots.qty(stock, "qty"))?)
}

fn line(out: &mut String, town: &Town, moves: &Rows, row: &Found, running: Qty) -> Result<()> {
    let by = moves.cell(row, "author").bytes().and_then(MemberId::from_slice);
    let by = by.map(|by| town.who(by)).unwrap_or_default();
    let counted = moves.cell(row, "counted").qty().map(|counted| format!("found {counted}")).unwrap_or_default();
    let (kind, qty, running) = (moves.text(row, "kind"), format!("{:+}", moves.qty(row, "qty")), running.to_string());
    writeln!(out, "  {}  {kind:<16}{qty:>6}{running:>7}  {by:<10} {counted}", time(moves.int(row, "wall")))?;
    Ok(())
}

fn time(wall: i64) -> String {
    let shanghai = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    let time = Timestamp::from_millisecond(wall).map(|time| time.to_zoned(shanghai));
    time.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_else(|_| "some time".to_owned())
}

fn tables(out: &mut String, figures: &Figures) -> Result<()> {
    writeln!(out, "Contested claims: {}", figures.contested)?;
    for (how, count) in &figures.contested_ended {
        writeln!(out, "  {count:>6}  {how}")?;
    }
    writeln!(out, "Conflicting edits: {} orders, in {} somebody chose", figures.conflicting_edits, figures.chosen)?;
    writeln!(out, "Uncertain lots: {}", figures.uncertain_lots)?;
    let sums = figures.transfers;
    writeln!(
        out,
        "Between boxes: {} sent = {} received + {} in transit + {} missing",
        sums.sent, sums.received, sums.in_transit, sums.difference
    )?;
    writeln!(out, "\nDone      {}", sum(figures.done.values()))?;
    let done: Vec<String> = figures.done.iter().map(|(name, count)| format!("{name} {count}")).collect();
    writeln!(out, "            {}", done.join(", "))?;
    writeln!(out, "            {} against what the phone knew, because it had happened", figures.insisted)?;
    writeln!(out, "Refused     {}", sum(figures.refused.values().flat_map(BTreeMap::values)))?;
    for (name, reasons) in &figures.refused {
        let reasons: Vec<String> = reasons.iter().map(|(code, count)| format!("{code} {count}")).collect();
        writeln!(out, "  {name:<10}{}", reasons.join(", "))?;
    }
    if figures.pointless > 0 {
        writeln!(out, "Left out    {} actions that name nothing in the recording", figures.pointless)?;
    }
    writeln!(
        out,
        "Meetings    {} in step, {} cut ({} in the middle of a frame), {} kept apart",
        figures.meetings, figures.cut, figures.cut_mid_frame, figures.kept_apart
    )?;
    if figures.relayed > 0 {
        writeln!(out, "Relay       {} syncs, by phones of different buildings, which never meet", figures.relayed)?;
    }
    Ok(())
}

fn sum<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.sum()
}

fn verdict(out: &mut String, figures: &Figures) -> fmt::Result {
    let Figures { phones, events, aggregates, seconds, .. } = figures;
    let megabytes = figures.bytes as f64 / 1e6;
    let Seconds { founded, replayed, settled, proven, cpu } = seconds;
    let all = founded + replayed + settled + proven;
    writeln!(
        out,
        "Events      {events} of {aggregates} aggregates on each of {phones} phones; {megabytes:.1} MB through pipes"
    )?;
    writeln!(
        out,
        "Time        {all:.1} s: founding {founded:.1}, replay {replayed:.1}, settling {settled:.1}, proof {proven:.1}; \
         processor {cpu:.1}"
    )?;
    writeln!(out)?;
    for lacking in &figures.lacking {
        writeln!(out, "TOO LITTLE SEEN: {lacking}")?;
    }
    for difference in figures.differences.iter().take(TOLD) {
        writeln!(out, "DIFFERS: {difference}")?;
    }
    let more = figures.differences.len().saturating_sub(TOLD);
    if more > 0 {
        writeln!(out, "DIFFERS: and {more} more")?;
    }
    if figures.proven {
        let state = figures.state.get(..16).unwrap_or_default();
        write!(out, "PROVEN: {phones} phones hold the same state {state} and read model; ledger = stock; ")?;
        write!(out, "sent = received + in transit + missing; {} verified event by event", figures.verified)
    } else {
        write!(out, "NOT PROVEN")
    }
}

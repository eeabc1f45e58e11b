//! The proof at the end: everybody meets until nobody has news, then every phone is held to all others and to itself.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result};
use linli_core::{
    aggregate::{Select, Table, medicine_box::transfers},
    event::Topic,
    id::Reference,
    qty::Qty,
    replica::Replica,
};

use crate::{
    plan::{Step, What},
    replay::replay,
    rows::{ReplicaWorld, every},
    tally::Tally,
    town::Town,
};

/// How often everybody meets everybody before it is said that they never come to rest.
const CYCLES: u64 = 6;
const CONTEXT: &str = "linli 2026 lockdown read model v1";

/// Lets everybody meet, at doubling distances round a ring, until a whole round brings nobody any news. Whether it
/// came to that.
pub(crate) fn settle(town: &Town, from: i64, threads: usize, all: &mut Tally) -> bool {
    let phones = town.phones.len();
    for cycle in 0..CYCLES {
        let distances = std::iter::successors(Some(1), |distance| Some(distance * 2));
        for distance in distances.take_while(|distance| *distance < phones) {
            all.join(round(town, from, cycle, distance, threads));
        }
        let last = round(town, from, cycle, 1, threads);
        let (quiet, failed) = (last.with_news == 0, !last.failures.is_empty());
        all.join(last);
        if quiet || failed {
            return quiet && !failed;
        }
    }
    false
}

fn round(town: &Town, from: i64, cycle: u64, distance: usize, threads: usize) -> Tally {
    let phones = town.phones.len();
    let meet = |phone: usize| Step {
        at: from,
        phone,
        other: Some((phone + distance) % phones).filter(|other| *other != phone),
        seed: cycle << 32 | (phone * phones + distance) as u64,
        what: What::Meet { cut: None },
    };
    let steps: Vec<Step> = (0..phones).map(meet).collect();
    replay(town, &steps, threads, &|| {})
}

/// What one phone was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The hash over roster, events, documents and folded rows.
    pub state: String,
    /// A hash over every row of the read model as it lies in the database.
    pub rows: String,
    /// What `verify` counted, if it was asked.
    pub verified: Option<(u64, u64)>,
    /// What does not fit, in words.
    pub faults: Vec<String>,
}

/// Checks every phone; `verify` of them are verified event by event, and those that differ from most.
pub(crate) fn check(town: &Town, verify: usize, threads: usize, ticked: &(dyn Fn() + Sync)) -> Result<Vec<Checked>> {
    let phones = town.phones.len();
    // Those verified are spread over all.
    let is_verified = |phone: usize| phone * verify / phones != (phone + 1) * verify / phones;
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let phone = next.fetch_add(1, Ordering::Relaxed);
                    let Some(known) = town.phones.get(phone) else { return };
                    let checked = check_one(&known.replica, is_verified(phone));
                    found.lock().unwrap_or_else(PoisonError::into_inner).insert(phone, checked);
                    ticked();
                }
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut checked: Vec<Checked> = found.into_values().collect::<Result<_>>()?;
    let most = most(&checked).map(|(state, rows)| (state.to_owned(), rows.to_owned()));
    for (phone, known) in checked.iter_mut().zip(&town.phones) {
        let differs = most.as_ref().is_none_or(|(state, rows)| (&phone.state, &phone.rows) != (state, rows));
        if differs && phone.verified.is_none() {
            *phone = check_one(&known.replica, true)?;
        }
    }
    Ok(checked)
}

/// The state and the read model of most phones.
fn most(checked: &[Checked]) -> Option<(&str, &str)> {
    let mut votes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for phone in checked {
        *votes.entry((&phone.state, &phone.rows)).or_default() += 1;
    }
    votes.into_iter().max_by_key(|(_, count)| *count).map(|(hashes, _)| hashes)
}

/// One phone's hashes, and what does not fit on it.
pub(crate) fn check_one(replica: &Replica, verify: bool) -> Result<Checked> {
    let mut faults = ledger_faults(replica)?;
    let mut verified = None;
    if verify {
        let found = replica.verify()?;
        verified = Some((found.events, found.aggregates));
        faults.extend(found.faults.iter().map(ToString::to_string));
    }
    Ok(Checked { state: replica.state_hash()?.to_string(), rows: rows_hash(replica)?, verified, faults })
}

/// Every row that all phones have, whatever order the database keeps them in; those of one aggregate in theirs, for their
/// numbers have gaps that tell what came late. The care register is for some alone.
fn rows_hash(replica: &Replica) -> Result<String> {
    let mut rows = Vec::new();
    let registry = replica.registry();
    let shared = |table: &&Table| registry.topic_of_table(table.name) != Some(Topic::Care);
    for table in registry.tables().iter().filter(shared) {
        let mut found = every(replica, Select::from(table.name))?.found;
        found.sort_unstable_by_key(|row| (row.aggregate, row.nth));
        for of_one in found.chunk_by(|one, next| one.aggregate == next.aggregate) {
            for (place, row) in of_one.iter().enumerate() {
                let row = serde_json::to_vec(&(table.name, row.aggregate, place, &row.cells))?;
                rows.push(*blake3::hash(&row).as_bytes());
            }
        }
    }
    rows.sort_unstable();
    let mut hash = blake3::Hasher::new_derive_key(CONTEXT);
    rows.iter().for_each(|row| _ = hash.update(row));
    Ok(hash.finalize().to_hex().to_string())
}

/// Lots whose ledger does not come to their stock, and parcels that are not accounted for.
fn ledger_faults(replica: &Replica) -> Result<Vec<String>> {
    let moves = every(replica, Select::from("box_move"))?;
    let mut sums: BTreeMap<Option<Reference>, Qty> = BTreeMap::new();
    for row in &moves.found {
        let sum = sums.entry(moves.cell(row, "lot").reference()).or_default();
        *sum = sum.saturating_add(moves.qty(row, "qty"));
    }
    let lots = every(replica, Select::from("box_lot"))?;
    let mut faults = Vec::new();
    for row in &lots.found {
        let lot = lots.cell(row, "lot").reference();
        let (ledger, stock) = (sums.get(&lot).copied().unwrap_or_default(), lots.qty(row, "qty"));
        if ledger != stock {
            let lot = lot.map(|lot| lot.to_string()).unwrap_or_default();
            faults.push(format!("the ledger of lot {lot} comes to {ledger}, its stock is {stock}"));
        }
    }
    let transfers = transfers(&ReplicaWorld(replica)).context("the transfers")?;
    let totals = transfers.totals();
    if !totals.holds() {
        faults.push(format!("sent {} is not received, in transit and difference together", totals.sent));
    }
    faults.extend(transfers.unmatched.iter().map(|parcel| format!("a receipt of {} matches nothing sent", parcel.qty)));
    Ok(faults)
}

/// What differs between phones, or does not fit on one; empty when all is proven.
pub(crate) fn differences(checked: &[Checked]) -> Vec<String> {
    let Some((state, rows)) = most(checked) else { return vec!["there are no phones".to_owned()] };
    let mut differences = Vec::new();
    for (at, phone) in checked.iter().enumerate() {
        if phone.state != state {
            let (is, most) = (short(&phone.state), short(state));
            differences.push(format!("phone {at}: its state is {is}, most phones' is {most}"));
        }
        if phone.rows != rows {
            let (is, most) = (short(&phone.rows), short(rows));
            differences.push(format!("phone {at}: its read model is {is}, most phones' is {most}"));
        }
        differences.extend(phone.faults.iter().map(|fault| format!("phone {at}: {fault}")));
    }
    differences
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

//! The ledger: line by line how each lot came to its stock, and the sums that must agree.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use super::{
    Lot, State,
    stock::{Containment, Flow},
};
use crate::{id::Reference, qty::Qty};

/// One line of a lot's ledger, in the order of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LedgerLine {
    /// The event that is the line.
    pub event: Reference,
    /// Its place in the history.
    pub at: usize,
    /// What it is.
    pub entry: LedgerEntry,
    /// By how much it changes the sum; a count by what it found beside what it contains.
    pub effect: Qty,
    /// The sum so far. On the last line it is the stock.
    pub running: Qty,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LedgerEntry {
    /// A movement, and whether the newest count contains it.
    Move {
        /// The way in which the lot grew or shrank.
        flow: Flow,
        /// Whether the newest count contains it.
        containment: Containment,
    },
    /// A count of the lot.
    Count {
        /// How much was there.
        counted: Qty,
        /// Whether it is the one that stands.
        stands: bool,
        /// Whether it is dated before one it had seen.
        history_only: bool,
    },
}

/// The ledger of one lot; empty for one that is not here.
pub fn ledger(state: &State, lot: Reference) -> Vec<LedgerLine> {
    state.lot(lot).map(lines).unwrap_or_default()
}

fn lines(lot: &Lot) -> Vec<LedgerLine> {
    let stock = &lot.stock;
    let newest = stock.newest().map(|count| count.at);
    let moves = stock.moves().iter().map(|movement| {
        let entry = LedgerEntry::Move { flow: movement.flow, containment: movement.containment };
        LedgerLine { event: movement.event, at: movement.at, entry, effect: movement.qty, running: Qty::ZERO }
    });
    let counts = stock.counts().iter().map(|count| {
        let stands = newest == Some(count.at);
        let entry = LedgerEntry::Count { counted: count.qty, stands, history_only: count.history_only };
        let effect = if stands { stock.adjusted() } else { Qty::ZERO };
        LedgerLine { event: count.event, at: count.at, entry, effect, running: Qty::ZERO }
    });
    let mut lines: Vec<LedgerLine> = moves.chain(counts).collect();
    lines.sort_by_key(|line| line.at);
    let mut running = Qty::ZERO;
    for line in &mut lines {
        running = running.saturating_add(line.effect);
        line.running = running;
    }
    lines
}

/// What flowed in and out, in the lots' own units, and what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BoxBalance"))]
pub struct Balance {
    /// Given by neighbours.
    pub donated: Qty,
    /// Arrived from other boxes.
    pub received: Qty,
    /// Discovered, written down by nobody before.
    pub found: Qty,
    /// Came back from households.
    pub returned: Qty,
    /// Made by splits, or set aside out of other lots.
    pub split_in: Qty,
    /// Went on from closed boxes.
    pub carried_in: Qty,
    /// Taken for a household.
    pub taken: Qty,
    /// Thrown away out of it.
    pub discarded: Qty,
    /// Left for other boxes.
    pub sent: Qty,
    /// Became other lots.
    pub split_out: Qty,
    /// Went on in another box when this one closed.
    pub carried_out: Qty,
    /// What counts found beside what they contain; negative if it was lost.
    pub adjusted: Qty,
    /// What is there, as [`State::stock`] says.
    pub stock: Qty,
}

impl Balance {
    /// What the flows come to.
    pub fn ledger(&self) -> Qty {
        let ins = [self.donated, self.received, self.found, self.returned, self.split_in, self.carried_in];
        let outs = [self.taken, self.discarded, self.sent, self.split_out, self.carried_out];
        let sum = ins.into_iter().fold(self.adjusted, Qty::saturating_add);
        outs.into_iter().fold(sum, Qty::saturating_sub)
    }

    /// Whether ledger = stock.
    pub fn holds(&self) -> bool {
        self.ledger() == self.stock
    }

    fn add(&mut self, lot: &Lot) {
        for movement in lot.stock.moves() {
            let sum = match movement.flow {
                Flow::Donated => &mut self.donated,
                Flow::Received => &mut self.received,
                Flow::Found => &mut self.found,
                Flow::Returned => &mut self.returned,
                Flow::SplitIn => &mut self.split_in,
                Flow::CarriedIn => &mut self.carried_in,
                Flow::Taken => &mut self.taken,
                Flow::Discarded => &mut self.discarded,
                Flow::Sent => &mut self.sent,
                Flow::SplitOut => &mut self.split_out,
                Flow::CarriedOut => &mut self.carried_out,
            };
            *sum = sum.saturating_add(movement.qty.saturating_abs());
        }
        self.adjusted = self.adjusted.saturating_add(lot.stock.adjusted());
        self.stock = self.stock.saturating_add(lot.stock.qty());
    }
}

/// The balance of a whole box. Invariant: it [`holds`](Balance::holds).
pub fn balance(state: &State) -> Balance {
    let mut balance = Balance::default();
    for (_, lot) in state.lots() {
        balance.add(lot);
    }
    balance
}

/// The balance of one lot; all zero for one that is not here.
pub fn balance_of(state: &State, lot: Reference) -> Balance {
    let mut balance = Balance::default();
    if let Some(lot) = state.lot(lot) {
        balance.add(lot);
    }
    balance
}

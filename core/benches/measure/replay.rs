//! A week's actions as commands to replicas.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use linli_core::{
    aggregate::order::{Change, Command, How, NewItem, NewOrder, Order},
    event::Scalar,
    id::{CommandId, Reference},
    replica::{Replica, SubmitError},
    time::{ManualClock, WallMs},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::week::{Act, Action, Item, Post};

/// Plays actions and remembers which order is which.
pub(crate) struct Replay {
    orders: BTreeMap<String, Reference>,
    clock: ManualClock,
    dice: ChaCha20Rng,
    /// Actions that were refused, as commands are.
    pub(crate) refused: usize,
}

impl Replay {
    /// Nothing played yet. `clock` is that of all replicas and follows the actions.
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { orders: BTreeMap::new(), clock, dice: ChaCha20Rng::seed_from_u64(1), refused: 0 }
    }

    /// Lets the owner of a replica try an action. When this returns, it is durable or refused.
    pub(crate) fn play(&mut self, replica: &Replica, action: &Action) -> Result<()> {
        self.clock.advance_to(WallMs(action.t));
        let command = command(&action.act)?;
        let posts = matches!(action.act, Act::Post(_));
        let target = if posts { None } else { Some(*self.orders.get(&action.order).context("an unknown order")?) };
        match replica.submit::<Order>(CommandId::from_bytes(self.dice.random()), target, command) {
            Ok(receipt) if posts => drop(self.orders.insert(action.order.clone(), receipt.aggregate)),
            Ok(_) => {}
            Err(SubmitError::Refused(_) | SubmitError::NotEntitled { .. }) => self.refused += 1,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

fn command(act: &Act) -> Result<Command> {
    let (already_happened, happened_at) = (true, None);
    Ok(match act {
        Act::Post(post) => Command::Post(Box::new(order(post))),
        Act::Claim => Command::Claim,
        Act::Release => Command::Release { why: None },
        Act::Purchase { cost_cents } => {
            Command::Purchase { cost_cents: Some(*cost_cents), got: Vec::new(), already_happened, happened_at }
        }
        Act::Edit { note, items } => Command::Edit { changes: changes(note.as_deref(), items) },
        Act::Deliver => Command::Deliver { how: How::HandedOver, already_happened, happened_at },
        Act::Confirm => Command::Confirm,
        Act::Cancel => Command::Cancel { why: None },
        Act::Other => bail!("not of an order"),
    })
}

fn order(post: &Post) -> NewOrder {
    let post = post.clone();
    NewOrder {
        building: post.building,
        unit: Some(post.unit),
        room: Some(post.room),
        kind: post.kind,
        urgency: post.urgency,
        contact: Some(post.contact),
        note: Some(post.note),
        items: post.items.iter().map(item).collect(),
        ..NewOrder::default()
    }
}

fn item(item: &Item) -> NewItem {
    NewItem { name: item.name.clone(), qty: Some(item.qty.into()), unit: Some(item.unit.clone()), product: None }
}

fn changes(note: Option<&str>, items: &[Item]) -> Vec<Change> {
    let note = note.map(|note| Change::Put { field: "note".to_owned(), value: Scalar::from(note) });
    note.into_iter().chain(items.iter().map(|add| Change::AddItem(item(add)))).collect()
}

//! Two phones and no network: one founds a community and lets the other in, and each sees what the other did.
//!
//! What joins them is a loop that carries bytes. An app has Bluetooth there or a cable, or a node, which needs no loop.

use std::sync::Arc;

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    id::CommandId,
    key::MemorySecrets,
    net::{Conversation, Expected},
    replica::{Options, OrderFilter, OrderLine, Replica},
    roster::Role,
    text::clean,
};

fn main() -> anyhow::Result<()> {
    let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
    let open = |nth: usize| Replica::open(Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())));
    let (lan, wu) = (open(0)?, open(1)?);
    let command = || CommandId::from_bytes(rand::random()); // an app keeps it until the command is done

    lan.found(Some("Lan".into()))?;
    lan.admit(command(), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
    wu.join(&lan.welcome()?)?;
    meet(&wu, &lan)?; // brings the admission, and the keys

    let rice =
        NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("rice".into()), ..NewOrder::default() };
    let order = lan.submit::<Order>(command(), None, Command::Post(Box::new(rice)))?.aggregate;
    meet(&wu, &lan)?;
    wu.submit::<Order>(command(), Some(order), Command::Claim)?; // as well where nobody is in reach
    meet(&wu, &lan)?;

    for (whose, phone) in [("Lan", &lan), ("Wu", &wu)] {
        let people = phone.people();
        for OrderLine { card, .. } in phone.board(&OrderFilter::default())?.items {
            let holder = card.holder.map_or("nobody".into(), |member| people.shown_member(member));
            let (building, kind) = (clean(&card.building), clean(&card.kind)); // another phone wrote them
            println!("{whose} sees: building {building}, {kind}, {:?} by {holder}", card.status);
        }
    }
    Ok(())
}

/// Carries bytes between two phones until each has what the other had.
fn meet(one: &Replica, other: &Replica) -> anyhow::Result<()> {
    let mut dials = one.dial_pipe(Expected::Unlisted(other.device()))?; // Unlisted: a newcomer's roster is still empty
    let mut waits = other.accept_pipe()?;
    while !(dials.is_in_step() && waits.is_in_step() && dials.unsent() + waits.unsent() == 0) {
        waits.receive(&dials.send(1024)?)?;
        dials.receive(&waits.send(1024)?)?;
        dials.tick()?;
        waits.tick()?;
    }
    Ok(())
}

//! What stories do to phones, and ask of them, over and over.

use linli_core::{
    event::{Compartment, Held},
    id::{DeviceId, Reference},
    replica::MembersError,
    roster::{Revocation, Who},
};

use crate::World;

/// What became of an event on a phone: `None` if it is not stored, else why it is held, if it is.
///
/// # Panics
/// If the store does not answer.
pub fn verdict(world: &World, phone: usize, event: Reference) -> Option<Option<Held>> {
    let stored = world.at(phone).look(|reader| reader.event(event)).expect("the store answers");
    stored.map(|stored| stored.judged.reason())
}

/// Why a roster event has no effect on a phone, if it has none.
///
/// # Panics
/// If it is not stored there.
pub fn held_in_roster(world: &World, phone: usize, event: Reference) -> Option<Held> {
    let mut from = None;
    loop {
        let page = world.at(phone).log(from.as_ref(), 500).expect("the store answers");
        if let Some(line) = page.items.iter().find(|line| line.event == event) {
            return line.held;
        }
        from = Some(page.next.expect("it is stored"));
    }
}

/// How many events a phone holds back for one reason.
pub fn held_for(world: &World, phone: usize, reason: Held) -> usize {
    world.held(phone).iter().filter(|(_, held)| *held == reason).count()
}

/// How many keys of the community a phone knows of.
pub fn epochs(world: &World, phone: usize) -> usize {
    world.at(phone).roster().epochs(Compartment::Community).count()
}

/// Somebody withdraws a device as far as they know what is theirs.
///
/// # Errors
/// Why that is refused.
pub fn revoke(world: &mut World, by: usize, device: DeviceId) -> Result<(), MembersError> {
    let id = world.command();
    world.at(by).revoke(id, Revocation::of(Who::Device(device)))
}

/// Somebody cuts a device off as if it had said nothing.
///
/// # Panics
/// If that is refused.
pub fn cut_low(world: &mut World, by: usize, device: DeviceId) {
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    let id = world.command();
    world.at(by).revoke(id, low).expect("a higher rank cuts");
}

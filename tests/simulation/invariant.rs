//! What must hold, whatever happened.

use linli_core::{
    aggregate::{
        Select,
        medicine_box::{BOX, MedicineBox, balance},
        order::{Fact, ORDER_CARD, Order, outcome},
    },
    id::Reference,
    replica::Replica,
};

use super::town::Town;

/// The aggregates that have a row in a table.
pub(crate) fn known(replica: &Replica, table: &'static str) -> Vec<Reference> {
    let found = replica.look(|reader| reader.select(&Select::from(table))).expect("the store answers");
    let mut known: Vec<Reference> = found.iter().map(|row| row.aggregate).collect();
    known.dedup();
    known
}

/// What was acknowledged on one phone is on all (R6).
pub(crate) fn promises(town: &Town) {
    for answered in &town.answered {
        for event in &answered.receipt.events {
            for phone in 0..town.world.len() {
                let held = town.world.at(phone).look(|reader| reader.has(*event)).expect("the store answers");
                assert!(held, "phone {phone} lacks {event} of phone {}", answered.phone);
            }
        }
    }
}

/// Who holds an open order has not released it since, and is not a contender as well.
pub(crate) fn orders(replica: &Replica) {
    for order in known(replica, ORDER_CARD.name) {
        let seen = replica.view::<Order, _>(order, |subject| {
            let (outcome, history) = (outcome(subject.state, subject.history), subject.history);
            let Some(hold) = outcome.holder.filter(|_| outcome.status.is_open()) else { return };
            let released = subject.state.entries.iter().any(|entry| {
                matches!(entry.stands, Some(Fact::Released(_)))
                    && history.act(entry.at).by == hold.member
                    && history.knew(entry.at, hold.since)
            });
            assert!(!released, "{order} is held by somebody who released it");
            assert!(outcome.contenders.iter().all(|contender| contender.member != hold.member), "{order}");
        });
        assert_eq!(seen, Ok(()), "{order} has a row, so it folds");
    }
}

/// Ledger = stock; sent = received + in transit + difference shown.
pub(crate) fn boxes(replica: &Replica) {
    let totals = replica.ledger_totals().expect("the store answers");
    assert!(totals.holds(), "{totals:?}");
    for medicine_box in known(replica, BOX.name) {
        let seen = replica.view::<MedicineBox, _>(medicine_box, |subject| {
            let balance = balance(subject.state);
            assert!(balance.holds(), "{medicine_box}: {balance:?}");
        });
        assert_eq!(seen, Ok(()), "{medicine_box} has a row, so it folds");
    }
}

/// No place in a log was written twice.
pub(crate) fn no_forks(replica: &Replica) {
    replica
        .look(|reader| {
            for log in reader.logs()? {
                assert_eq!(reader.heads(log.id())?.len(), 1, "{log:?} is forked");
            }
            Ok(())
        })
        .expect("the store answers");
}

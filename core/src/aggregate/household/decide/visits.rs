//! Visits: a due one posted as an order, and what came of it.

use super::{Case, Command, Day, Decision, Household, Refusal, kind, optional};
use crate::{
    aggregate::{
        Aggregate, Draft, Match, Payload, Select, encode,
        household::{
            command::Carried,
            content::{checklist, contacts, field, people, text},
            fact::{Posted, Visited},
        },
        order::{
            self, Assigned, Confirmation, HandOverOffered, NewItem, NewOrder, ORDER_CARD, Order, kind as order_kind,
        },
    },
    id::{MemberId, Reference},
    roster::Need,
};

/// The kind of order that a visit is.
const VISIT: &str = "visit";

/// Whose assignment of the order would count.
const ASSIGNS: Need = Need::LEADER.or(Need::COORDINATOR);

impl Case<'_> {
    /// The order first, so that the household can name it. It does not name the household: what an order carries,
    /// every member reads.
    pub(super) fn post(&self, due: Day, carried: &[Carried], note: Option<String>) -> Decision {
        self.agreed()?;
        if !self.outcome.calendar.is_due(due, self.today) {
            return Err(Refusal::NotDue { due });
        }
        if self.standing_order(due)?.is_some() {
            return Ok(Vec::new());
        }
        let command = order::Command::Post(Box::new(self.order(carried, optional("note", note)?)));
        let posted = Order::decide(None, command, self.context);
        let mut drafts = posted.map_err(|refusal| Refusal::OrderRefused { reason: refusal.to_string() })?;
        let aggregate = self.subject.birth.aggregate;
        let payload = move |made: &[Reference]| {
            made.first().map(|order| encode(&Posted { due, order: *order })).unwrap_or_default()
        };
        drafts.push(Draft {
            payload: Payload::After(Box::new(payload)),
            ..Draft::on::<Household>(aggregate, kind::POSTED, &Confirmation {})
        });
        drafts.extend(self.outcome.visitors.last().map(|visitor| self.given_to(*visitor)).unwrap_or_default());
        Ok(drafts)
    }

    /// An order posted for a day that still stands for the visit: one that was cancelled does not.
    fn standing_order(&self, due: Day) -> Result<Option<Reference>, Refusal> {
        for posting in self.outcome.posted_for(due) {
            let ended = [order::Status::Cancelled, order::Status::Duplicate].map(|status| status.code().into());
            let ended = Match::Among(ended.to_vec());
            let select = Select::from(ORDER_CARD.name).of(posting.order).and("status", ended).limit(1);
            // One that has not arrived here stands: somebody posted it.
            if self.context.world.select(&select)?.is_empty() {
                return Ok(Some(posting.order));
            }
        }
        Ok(None)
    }

    fn order(&self, carried: &[Carried], note: Option<String>) -> NewOrder {
        let content = self.subject.content;
        let has = |field: Carried| carried.contains(&field);
        let owned = |field| text(content, field).map(str::to_owned);
        let mut notes = Vec::new();
        for person in people(content) {
            match person.why {
                Some(why) if has(Carried::Why) => notes.push(format!("{}：{why}", person.name)),
                _ if has(Carried::People) || has(Carried::Why) => notes.push(person.name),
                _ => {}
            }
        }
        notes.extend(owned(field::NOTE).filter(|_| has(Carried::Note)));
        notes.extend(note);
        let contact = contacts(content).into_iter().next().filter(|_| has(Carried::Contact));
        let items = checklist(content).into_iter().filter(|_| has(Carried::Checklist));
        NewOrder {
            building: self.subject.birth.building.clone().unwrap_or_default(),
            unit: owned(field::UNIT).filter(|_| has(Carried::Room)),
            room: owned(field::ROOM).filter(|_| has(Carried::Room)),
            kind: VISIT.to_owned(),
            contact: contact
                .map(|contact| [Some(contact.name), contact.phone].into_iter().flatten().collect::<Vec<_>>().join(" ")),
            note: (!notes.is_empty()).then(|| notes.join("\n")),
            items: items.map(|check| NewItem { name: check.text, ..NewItem::default() }).collect(),
            ..NewOrder::default()
        }
    }

    /// The events that give the order to a visitor. Who may not assign it takes it and offers to hand it over.
    fn given_to(&self, visitor: MemberId) -> Vec<Draft> {
        if visitor == self.context.by {
            return vec![Draft::behind::<Order>(0, order_kind::CLAIMED, &Confirmation {})];
        }
        if self.context.standing.may(ASSIGNS) {
            return vec![Draft::behind::<Order>(0, order_kind::ASSIGNED, &Assigned { member: visitor })];
        }
        vec![
            Draft::behind::<Order>(0, order_kind::CLAIMED, &Confirmation {}),
            Draft::behind::<Order>(0, order_kind::HAND_OVER_OFFERED, &HandOverOffered { to: visitor }),
        ]
    }

    pub(super) fn visit(&self, command: Command) -> Decision {
        let Command::Visit { outcome, day, due, order, by, note, already_happened } = command else {
            return Err(Refusal::NothingChanges);
        };
        let day = day.unwrap_or(self.today);
        if !already_happened {
            self.doubt(day, order, outcome.reached())?;
        }
        let posted = order.and_then(|order| self.outcome.postings.iter().find(|posting| posting.order == order));
        let visited = Visited {
            outcome,
            day,
            due: posted.map(|posting| posting.due).or(due),
            order,
            by: by.filter(|by| *by != self.context.by),
            note: optional("note", note)?,
            already_happened,
        };
        self.one(kind::VISITED, &visited)
    }

    /// Warns of what contradicts.
    fn doubt(&self, day: Day, order: Option<Reference>, reached: bool) -> Result<(), Refusal> {
        if self.outcome.closed {
            return Err(Refusal::WarnClosed);
        }
        if day > self.today {
            return Err(Refusal::WarnToCome { day });
        }
        if let Some(order) = order {
            if !self.outcome.postings.iter().any(|posting| posting.order == order) {
                return Err(Refusal::WarnOtherOrder { order });
            }
            // Somebody was reached after all: that is news.
            if let Some(visit) = self.outcome.visit_of(order).filter(|visit| visit.outcome.reached() || !reached) {
                return Err(Refusal::WarnConfirmed { by: visit.written_by, when: visit.wall });
            }
        }
        self.agreed().map_err(|_| Refusal::WarnNoConsent)
    }
}

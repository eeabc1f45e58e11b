//! Weighing: whether an event that waits for nothing counts.
//!
//! What it says decides, and who says it.

use super::{Filed, Folded, Judge};
use crate::{
    aggregate::{
        Birth, KindSpec, Malformed,
        any::{AnyAggregate, ReadFact},
        registry::Registry,
    },
    event::{Body, Held},
    id::{MemberId, Reference},
    roster::{About, Standing},
    sabotage::Rule,
};

/// What an event was found to be when it was weighed.
pub(super) struct Weighed {
    pub(super) lamport: u64,
    pub(super) by: MemberId,
    pub(super) standing: Standing,
    pub(super) rooms: u64,
}

impl Folded {
    /// What an event that does not create says.
    pub(super) fn fact<'r>(&self, registry: &'r Registry, filed: &Filed) -> Result<(&'r KindSpec, ReadFact), Held> {
        let spec = registry.kind(filed.body.kind).ok_or(Held::Newer)?;
        let kept = registry.named(self.kind).ok_or(Held::Newer)?;
        if spec.creates || registry.owner(spec.kind) != Some(self.kind) {
            return Err(Held::Malformed);
        }
        Ok((spec, read(kept, spec, filed)?))
    }

    /// Whether an event that waits for nothing counts, with which lamport and standing.
    pub(super) fn weigh(
        &self,
        registry: &Registry,
        filed: &Filed,
        reach: u64,
        judge: &dyn Judge,
    ) -> Result<Weighed, Held> {
        let (spec, fact) = self.fact(registry, filed)?;
        // One more at most with each stored event: no chain is long enough to end the numbers.
        let lamport = reach.saturating_add(1);
        let by = judge.member(filed.log.device).ok_or(Held::Stranger)?;
        // Only of an event that is here is it known, to everybody alike, who wrote it.
        let target = fact.target.filter(|target| self.is_told_of(*target));
        let standing = standing(&self.birth, filed, target, judge);
        if standing.may(spec.need) || Rule::Need.is_left_out() {
            Ok(Weighed { lamport, by, standing, rooms: judge.rooms(filed.log.device) })
        } else {
            Err(standing.lack())
        }
    }
}

/// Reads what an event says, if this build knows its kind and version and its edits fit the document.
pub(super) fn read(kept: &dyn AnyAggregate, spec: &KindSpec, filed: &Filed) -> Result<ReadFact, Held> {
    let body = &filed.body;
    if body.version == Body::UNREAD || body.version > spec.version || kept.schema().check(&body.edits).is_err() {
        return Err(Held::Newer);
    }
    let held = |error| if error == Malformed::NEWER { Held::Newer } else { Held::Malformed };
    kept.read(body.kind, body.version, &body.payload).map_err(held)
}

/// What its author may do about an aggregate, when it was written.
pub(super) fn standing(birth: &Birth, filed: &Filed, target: Option<Reference>, judge: &dyn Judge) -> Standing {
    let about = About {
        author: Some(birth.author),
        target_author: target.and_then(|target| judge.author(target)),
        building: birth.building.as_deref(),
        aggregate: Some(birth.aggregate),
    };
    judge.standing(filed, &about)
}

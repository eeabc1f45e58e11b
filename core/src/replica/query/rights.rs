//! Who may do what: the whole table as data, and what this device may do to one aggregate, so that an app can grey
//! out what would be refused.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use super::{Community, QueryError, Replica, look};
use crate::{
    aggregate::{Birth, Folded, KindSpec},
    event::Topic,
    id::{EventId, Reference},
    roster::{About, Need, Standing, TABLE},
    store::{Reader, StoreError},
};

/// One kind of event, and who may write it: a row of the role × command table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TableRow {
    /// The type of what it is about; `roster` for members and keys.
    pub kind: &'static str,
    /// A stable code, such as `claimed`.
    pub code: &'static str,
    /// The number on the wire.
    pub number: u16,
    /// The newest version this build understands.
    pub version: u16,
    /// Whether it makes an aggregate.
    pub creates: bool,
    /// Any of these rights will do.
    pub needs: Vec<&'static str>,
}

/// Whether this device may write one kind of event, as far as the roster decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Permission {
    /// The kind's code.
    pub code: &'static str,
    /// Whether it may.
    pub may: bool,
    /// Any of these rights will do.
    pub needs: Vec<&'static str>,
}

impl Replica {
    /// The whole role × command table: the roster's own events, then those of every registered aggregate.
    pub fn table(&self) -> Vec<TableRow> {
        let roster = TABLE.iter().map(|spec| TableRow {
            kind: "roster",
            code: spec.code,
            number: spec.kind,
            version: spec.version,
            creates: false,
            needs: spec.need.names().collect(),
        });
        let others = self.registry().kinds().map(|(kind, spec)| TableRow {
            kind,
            code: spec.code,
            number: spec.kind,
            version: spec.version,
            creates: spec.creates,
            needs: spec.need.names().collect(),
        });
        roster.chain(others).collect()
    }

    /// What the roster lets this device do with an aggregate now. Who has written anything to it may correct that,
    /// and so has [`Need::TARGET_AUTHOR`] here.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], [`QueryError::NotAMember`], or when the store fails.
    pub fn standing_toward(&self, aggregate: Reference) -> Result<Standing, QueryError> {
        Ok(self.stand_before("aggregate", aggregate)?.1)
    }

    /// Every kind of event of an aggregate that exists, and whether this device may write it. The aggregate itself
    /// may still refuse, with a reason of its own.
    ///
    /// # Errors
    /// As [`standing_toward`](Self::standing_toward).
    pub fn permissions(&self, aggregate: Reference) -> Result<Vec<Permission>, QueryError> {
        let (folded, standing) = self.stand_before("aggregate", aggregate)?;
        let kinds = self.registry().kinds().filter(|(owner, spec)| *owner == folded.kind() && !spec.creates);
        Ok(kinds.map(|(_, spec)| permission(spec, standing)).collect())
    }

    /// Whether this device may make an aggregate of a type, by a kind of event that does. `building` is the one it
    /// would belong to.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`], or when the store fails.
    pub fn may_create(&self, aggregate: &str, building: Option<&str>) -> Result<Vec<Permission>, QueryError> {
        let community = self.joined()?;
        let member = community.member().ok_or(QueryError::NotAMember)?;
        let Some(topic) = self.registry().topic(aggregate) else { return Ok(Vec::new()) };
        let about = About { author: Some(member), building, ..About::default() };
        let standing = self.read(|reader| own_standing(reader, &community, topic, &about))?;
        let kinds = self.registry().kinds().filter(|(owner, spec)| *owner == aggregate && spec.creates);
        Ok(kinds.map(|(_, spec)| permission(spec, standing)).collect())
    }

    /// An aggregate, and what this device may do with it.
    pub(super) fn stand_before(
        &self,
        kind: &'static str,
        aggregate: Reference,
    ) -> Result<(Folded, Standing), QueryError> {
        let community = self.joined()?;
        let member = community.member().ok_or(QueryError::NotAMember)?;
        let found = self.read(|reader| {
            let Some(folded) = look(reader, self, &community, aggregate)? else { return Ok(None) };
            let topic = self.registry().topic(folded.kind()).unwrap_or(Topic::Common);
            let wrote = folded.history().acts().iter().any(|act| act.by == member);
            let about = about(folded.birth(), wrote.then_some(member));
            let standing = own_standing(reader, &community, topic, &about)?;
            Ok(Some((folded, standing)))
        })?;
        let (folded, standing) = found.ok_or(QueryError::Unknown { kind, reference: aggregate })?;
        self.open_to(self.registry().topic(folded.kind()))?;
        Ok((folded, standing))
    }
}

fn about(birth: &Birth, target_author: Option<crate::id::MemberId>) -> About<'_> {
    About {
        author: Some(birth.author),
        target_author,
        building: birth.building.as_deref(),
        aggregate: Some(birth.aggregate),
    }
}

fn permission(spec: &KindSpec, standing: Standing) -> Permission {
    Permission { code: spec.code, may: standing.may(spec.need), needs: spec.need.names().collect() }
}

/// What this device may do, were it to write now.
fn own_standing(
    reader: &Reader,
    community: &Community,
    topic: Topic,
    about: &About<'_>,
) -> Result<Standing, StoreError> {
    if community.roster.device(community.me).is_some_and(|device| device.withdrawn) {
        return Ok(Standing::NONE);
    }
    let log = community.own_log(topic);
    let next = reader.heads(log.id())?.iter().map(|head| head.seq.saturating_add(1)).max().unwrap_or(0);
    Ok(community.roster.standing(&log, next, EventId::ZERO, about, &community.chains(reader)))
}

/// Whose standing opens the contact of an order, beside holding it.
pub(super) const SEES_CONTACT: Need = Need::LEADER.or(Need::COORDINATOR);

//! Documents: typed edits compiled into Automerge changes, on this replica, by this code (R1).
//!
//! Every replica makes the same change from the same event: actor and position are derived, time is zero, and an
//! edit sees the document as it was at the event's own heads. No Automerge bytes come in from anywhere; a document
//! leaves as a standard Automerge file. It is made when somebody asks for that: what a screen shows, and what a decision
//! reads, are the same values out of [`cells`](super::cells).

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    ActorId, Automerge, AutomergeError, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    transaction::{CommitOptions, Transactable, Transaction},
};

use super::{FieldSpec, ListSpec, Malformed, Schema};
use crate::{
    event::{Edit, ItemId, Scalar},
    id::{EventId, Reference},
};

/// The field of every item that says whether it stands: [`REMOVED`] after a removal, and a text of its own after
/// each edit. An edit and a concurrent removal so become two values of one field, which Automerge keeps both.
const STANDING: &str = "_standing";
const REMOVED: &str = "removed";

/// The Automerge document of one aggregate, and where in it each event stands.
#[derive(Clone, Debug)]
pub struct Document {
    schema: &'static Schema,
    doc: Automerge,
    heads: BTreeMap<Reference, BTreeSet<ChangeHash>>,
}

/// An event as far as its document is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// How other events name it.
    pub reference: Reference,
    /// Its id, whose first half is the Automerge actor.
    pub id: EventId,
    /// Counted events it builds on; all have been added.
    pub deps: &'a [Reference],
    /// What it does.
    pub edits: &'a [Edit],
    /// Whether it is the creating event, which makes all containers.
    pub creates: bool,
}

impl Schema {
    /// Whether edits name only what there is.
    ///
    /// # Errors
    /// [`Malformed`] for a field or list that the schema does not have.
    pub fn check(&self, edits: &[Edit]) -> Result<(), Malformed> {
        let has = |fields: &[FieldSpec], field| fields.iter().any(|spec| spec.field == field);
        let list = |list| self.lists.iter().find(|spec| spec.list == list).ok_or(Malformed("no such list"));
        for edit in edits {
            let known = match edit {
                Edit::Put { field, .. } => has(self.fields, *field),
                Edit::Add { list: of, fields } => {
                    let spec = list(*of)?;
                    fields.iter().all(|(field, _)| has(spec.fields, *field))
                }
                Edit::PutItem { list: of, field, .. } => has(list(*of)?.fields, *field),
                Edit::Remove { list: of, .. } => list(*of).is_ok(),
            };
            if !known {
                return Err(Malformed("no such field"));
            }
        }
        Ok(())
    }

    fn list(&self, list: u16) -> Option<&ListSpec> {
        self.lists.iter().find(|spec| spec.list == list)
    }
}

fn name(fields: &[FieldSpec], field: u16) -> Option<&'static str> {
    fields.iter().find(|spec| spec.field == field).map(|spec| spec.name)
}

impl Document {
    /// An empty document.
    pub fn new(schema: &'static Schema) -> Self {
        Self { schema, doc: Automerge::new(), heads: BTreeMap::new() }
    }

    /// Adds one event whose deps have been added. The order of concurrent events makes no difference.
    pub fn add(&mut self, source: Source<'_>) {
        let base: BTreeSet<ChangeHash> =
            source.deps.iter().filter_map(|dep| self.heads.get(dep)).flatten().copied().collect();
        // An error here would be a clash of 128-bit actors: such an event has no effect.
        let made = self.change(source, &base).ok().flatten();
        self.heads.insert(source.reference, made.map_or(base, |made| BTreeSet::from([made])));
    }

    /// The document as a standard Automerge file.
    pub fn save(&self) -> Vec<u8> {
        self.doc.save()
    }

    /// The hashes of the document's newest changes: for tests that compare replicas; in no protocol (R1).
    pub fn change_hashes(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<_> = self.doc.get_heads().into_iter().map(|head| head.0).collect();
        heads.sort_unstable();
        heads
    }

    /// Makes the change on top of `base`: in place where that is all there is, else beside and merged.
    fn change(
        &mut self,
        source: Source<'_>,
        base: &BTreeSet<ChangeHash>,
    ) -> Result<Option<ChangeHash>, AutomergeError> {
        let actor = ActorId::from(&source.id.as_bytes()[..16]);
        if self.doc.get_heads().iter().all(|head| base.contains(head)) {
            self.doc.set_actor(actor);
            return transact(&mut self.doc, self.schema, source);
        }
        let at: Vec<ChangeHash> = base.iter().copied().collect();
        let mut aside = self.doc.fork_at(&at)?;
        aside.set_actor(actor);
        let made = transact(&mut aside, self.schema, source)?;
        self.doc.merge(&mut aside)?;
        Ok(made)
    }
}

/// Makes all of an event's edits in one change. `None` when nothing came of them.
fn transact(doc: &mut Automerge, schema: &Schema, source: Source<'_>) -> Result<Option<ChangeHash>, AutomergeError> {
    let mut tx = doc.transaction();
    if source.creates {
        for list in schema.lists {
            tx.put_object(ROOT, list.name, ObjType::Map)?;
        }
    }
    for (nth, edit) in (0..).zip(source.edits) {
        apply(&mut tx, schema, source.id, nth, edit)?;
    }
    Ok(tx.commit_with(CommitOptions::default().with_time(0)).0)
}

/// Puts a value that stands for itself. Where it is the one shown already, Automerge would take a put for none, or for
/// a deletion of the others, and whoever edits meanwhile would replace the choice: so the old one is deleted first.
fn put(tx: &mut Transaction<'_>, at: &ObjId, name: &str, value: ScalarValue) -> Result<(), AutomergeError> {
    let stands = matches!(tx.get(at, name)?, Some((automerge::Value::Scalar(shown), _)) if *shown == value);
    if stands {
        tx.delete(at, name)?;
    }
    tx.put(at, name, value)
}

fn apply(
    tx: &mut Transaction<'_>,
    schema: &Schema,
    event: EventId,
    nth: u16,
    edit: &Edit,
) -> Result<(), AutomergeError> {
    let kept = || format!("kept {}", event.short());
    match edit {
        Edit::Put { field, value } => {
            if let Some(name) = name(schema.fields, *field) {
                put(tx, &ROOT, name, automerge_scalar(value))?;
            }
        }
        Edit::Add { list, fields } => {
            let Some((spec, at)) = find_list(tx, schema, *list) else { return Ok(()) };
            let item = tx.put_object(&at, ItemId::new(event, nth).to_string(), ObjType::Map)?;
            put(tx, &item, STANDING, kept().into())?;
            for (field, value) in fields {
                if let Some(name) = name(spec.fields, *field) {
                    put(tx, &item, name, automerge_scalar(value))?;
                }
            }
        }
        Edit::PutItem { list, item, field, value } => {
            let Some((spec, at)) = find_list(tx, schema, *list) else { return Ok(()) };
            if let (Some(item), Some(name)) = (find_item(tx, &at, *item), name(spec.fields, *field)) {
                put(tx, &item, name, automerge_scalar(value))?;
                put(tx, &item, STANDING, kept().into())?;
            }
        }
        Edit::Remove { list, item } => {
            let Some((_, at)) = find_list(tx, schema, *list) else { return Ok(()) };
            if let Some(item) = find_item(tx, &at, *item) {
                put(tx, &item, STANDING, REMOVED.into())?;
            }
        }
    }
    Ok(())
}

fn find_list<'s>(doc: &impl ReadDoc, schema: &'s Schema, list: u16) -> Option<(&'s ListSpec, ObjId)> {
    let spec = schema.list(list)?;
    Some((spec, object(doc, &ROOT, spec.name)?))
}

/// An item that is there and stands, somebody's concurrent removal notwithstanding.
fn find_item(doc: &impl ReadDoc, list: &ObjId, item: ItemId) -> Option<ObjId> {
    let at = object(doc, list, &item.to_string())?;
    standing(doc, &at).0.then_some(at)
}

/// Whether anybody keeps an item, and whether somebody removed it all the same.
fn standing(doc: &impl ReadDoc, item: &ObjId) -> (bool, bool) {
    let values = doc.get_all(item, STANDING).unwrap_or_default();
    let removed = values.iter().filter(|(value, _)| value.as_str() == Some(REMOVED)).count();
    (removed < values.len(), removed > 0)
}

fn object(doc: &impl ReadDoc, at: &ObjId, name: &str) -> Option<ObjId> {
    match doc.get(at, name) {
        Ok(Some((automerge::Value::Object(_), id))) => Some(id),
        _ => None,
    }
}

fn automerge_scalar(value: &Scalar) -> ScalarValue {
    match value {
        Scalar::Null => ScalarValue::Null,
        Scalar::Bool(value) => ScalarValue::Boolean(*value),
        Scalar::Int(value) => ScalarValue::Int(*value),
        Scalar::Fraction(qty) => ScalarValue::F64(qty.as_f64()),
        Scalar::Text(text) => ScalarValue::Str(text.as_str().into()),
    }
}

/// What Automerge itself reads out of a document, to compare with what is shown.
#[cfg(test)]
mod reading {
    use super::*;
    use crate::aggregate::{Content, Item, Value};

    impl Document {
        pub(crate) fn content(&self) -> Content {
            let mut content = Content::default();
            for spec in self.schema.fields {
                let values = self.values(&ROOT, spec.name);
                if !values.is_empty() {
                    content.fields.insert(spec.field, values);
                }
            }
            for spec in self.schema.lists {
                let items = content.lists.entry(spec.list).or_default();
                let Some(list) = object(&self.doc, &ROOT, spec.name) else { continue };
                for key in self.doc.keys(&list) {
                    let (Ok(id), Some(at)) = (key.parse::<ItemId>(), object(&self.doc, &list, &key)) else { continue };
                    if let Some(item) = self.item(&at, spec) {
                        items.insert(id, item);
                    }
                }
            }
            content
        }

        fn item(&self, at: &ObjId, spec: &ListSpec) -> Option<Item> {
            let (stands, removed) = standing(&self.doc, at);
            if !stands {
                return None;
            }
            let fields = spec.fields.iter().map(|field| (field.field, self.values(at, field.name)));
            Some(Item { fields: fields.filter(|(_, values)| !values.is_empty()).collect(), removal_contested: removed })
        }

        fn values(&self, at: &ObjId, name: &str) -> Vec<Value> {
            let mut values: Vec<Value> = Vec::new();
            for (value, _) in self.doc.get_all(at, name).unwrap_or_default() {
                let automerge::Value::Scalar(value) = value else { continue };
                let value = Value { value: scalar(&value), by: [0; 16] };
                values.retain(|other| other.value != value.value);
                values.push(value);
            }
            if values.iter().all(|value| value.value == Scalar::Null) { Vec::new() } else { values }
        }
    }

    fn scalar(value: &ScalarValue) -> Scalar {
        match value {
            ScalarValue::Boolean(value) => Scalar::Bool(*value),
            ScalarValue::Int(value) => Scalar::Int(*value),
            ScalarValue::F64(value) => {
                serde_json::from_value(serde_json::json!(value)).map_or(Scalar::Null, Scalar::Fraction)
            }
            ScalarValue::Str(text) => Scalar::Text(text.to_string()),
            _ => Scalar::Null,
        }
    }
}

//! The building register.

use linli_core::{
    aggregate::building::{Building, BuildingChange, BuildingView, BuildingWish, OutsideRoom, Unit as BuildingUnit},
    event::ItemId,
    id::{CommandId, Reference},
    replica::Receipt,
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Carries out a wish: `on` names the building, and is left out for the wish that makes one. Durable when it
    /// returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same wish said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_building(
        &self,
        id: CommandId,
        wish: BuildingWish,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Building>(id, on, wish)).await
    }

    /// The buildings of the register, in walking order; those no longer used come last.
    pub async fn buildings(&self) -> Result<Vec<BuildingView>, LinliError> {
        self.call(move |replica| replica.buildings()).await
    }
}

/// A unit (单元) of a building.
#[uniffi::remote(Record)]
pub struct BuildingUnit {
    /// The item; `None` for one that is to be added.
    #[uniffi(default)]
    pub item: Option<ItemId>,
    /// Its label, such as `2`.
    pub label: String,
    /// How many floors it has, if known.
    #[uniffi(default)]
    pub floors: Option<i64>,
    /// How many rooms a floor has, if known.
    #[uniffi(default)]
    pub rooms_per_floor: Option<i64>,
}

/// A room that belongs to no unit.
#[uniffi::remote(Record)]
pub struct OutsideRoom {
    /// The item.
    pub item: ItemId,
    /// Its label.
    pub label: String,
}

/// A building as screens show it.
#[uniffi::remote(Record)]
pub struct BuildingView {
    /// The building.
    pub building: Reference,
    /// Its label: what addresses name.
    pub label: String,
    /// A name beside it.
    pub name: Option<String>,
    /// The place in the walk through the compound.
    pub walk_order: Option<i64>,
    /// Whether it is in use.
    pub open: bool,
    /// How to get in.
    pub entrance_note: Option<String>,
    /// Its units, by label.
    pub units: Vec<BuildingUnit>,
    /// Its rooms outside of units, by label.
    pub outside_rooms: Vec<OutsideRoom>,
}

/// One change. An empty text and `None` clear.
#[uniffi::remote(Enum)]
pub enum BuildingChange {
    /// The name beside the label.
    Name(String),
    /// The place in the walk through the compound.
    WalkOrder(Option<i64>),
    /// How to get in.
    EntranceNote(String),
    /// A unit: added without an item, changed with one.
    Unit(BuildingUnit),
    /// A unit that is not there.
    RemoveUnit(ItemId),
    /// A room outside of units.
    AddOutsideRoom(String),
    /// A room outside of units that is not there.
    RemoveOutsideRoom(ItemId),
}

/// What a coordinator can wish.
#[uniffi::remote(Enum)]
pub enum BuildingWish {
    /// Put a building into the register.
    List {
        /// Its label, as people write it: 3号楼 becomes `3`.
        label: String,
        /// What else is known.
        #[uniffi(default)]
        changes: Vec<BuildingChange>,
    },
    /// Change what stands of it.
    Edit {
        /// What changes.
        changes: Vec<BuildingChange>,
    },
    /// It is no longer used.
    Retire,
}

//! Who may do what, as data: a [`Need`] stands in the role × command table, a [`Standing`] is what the roster says of
//! one author at one place of one log.
//!
//! An author is entitled who has any of what is needed.

use serde::Serialize;

use crate::event::Held;

/// What an act needs of its author: any one of the named rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Need(u16);

/// What an author has, toward one aggregate: a set of the same rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing(u16);

impl Need {
    /// Any admitted device of a person.
    pub const MEMBER: Need = Need(1);
    /// The member who wrote the creating event.
    pub const AUTHOR: Need = Need(1 << 1);
    /// The member who wrote the event that this one names (a correction's).
    pub const TARGET_AUTHOR: Need = Need(1 << 2);
    /// A leader of the aggregate's building.
    pub const LEADER: Need = Need(1 << 3);
    /// A leader of any building.
    pub const ANY_LEADER: Need = Need(1 << 4);
    /// A keeper of this box.
    pub const KEEPER: Need = Need(1 << 5);
    /// A coordinator who stands.
    pub const COORDINATOR: Need = Need(1 << 6);
    /// A holder of the `care` grant.
    pub const CARE: Need = Need(1 << 7);
    /// The recovery kit.
    pub const KIT: Need = Need(1 << 8);
    /// The device that the act is about.
    pub const SELF: Need = Need(1 << 9);

    /// No right, but a role that a later build knows: what its device may do is not for this one to say.
    const LATER: Need = Need(1 << 15);

    /// Every right with its name, in the order of the table.
    pub const NAMES: [(Need, &'static str); 10] = [
        (Need::MEMBER, "member"),
        (Need::AUTHOR, "author"),
        (Need::TARGET_AUTHOR, "author of the corrected event"),
        (Need::LEADER, "leader of the building"),
        (Need::ANY_LEADER, "any leader"),
        (Need::KEEPER, "keeper of the box"),
        (Need::COORDINATOR, "coordinator"),
        (Need::CARE, "care"),
        (Need::KIT, "recovery kit"),
        (Need::SELF, "the device itself"),
    ];

    /// Either right will do.
    pub const fn or(self, other: Need) -> Need {
        Need(self.0 | other.0)
    }

    /// The names of the rights, any of which will do.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(need, _)| self.0 & need.0 != 0).map(|(_, name)| name)
    }
}

impl Standing {
    /// No right at all.
    pub const NONE: Standing = Standing(0);

    /// Adds a right.
    pub const fn with(self, right: Need) -> Standing {
        Standing(self.0 | right.0)
    }

    /// Adds a right if `yes`.
    pub const fn with_if(self, yes: bool, right: Need) -> Standing {
        if yes { self.with(right) } else { self }
    }

    /// Whether any of what is needed is there.
    pub const fn may(self, need: Need) -> bool {
        self.0 & need.0 != 0
    }

    /// What a device has whose role only a later build knows.
    pub(super) const LATER: Standing = Standing(Need::LATER.0);

    /// Why an act is held that is not entitled.
    pub const fn lack(self) -> Held {
        if self.0 & Need::LATER.0 != 0 { Held::Newer } else { Held::Unentitled }
    }
}

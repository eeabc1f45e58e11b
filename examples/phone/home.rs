//! The phone: an open replica, the words and the hour it answers in.

use std::{path::Path, sync::Arc};

use linli_core::{
    aggregate::{
        Aggregate,
        address::{self, Part},
        settings::SettingsView,
    },
    id::{CommandId, DeviceId, MemberId, Reference},
    replica::{Options, Receipt, Replica, SubmitError},
    store::DirSecrets,
    time::{Clock, SystemClock, WallMs},
    written::door::Door,
};
use serde_json::{Map, Value, json};

use crate::{
    failure::{Failure, Outcome},
    local::Local,
    words::{Lang, Words},
    wrong::Wrong,
};

/// Whether a home may be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// It must be there: a mistyped directory is an error.
    MustBe,
    /// It is made if it is not there.
    Make,
}

/// A directory without a database and without keys is no phone's.
pub(crate) fn must_be(home: &Path) -> Outcome<()> {
    let has_keys = std::fs::read_dir(home.join("secrets")).is_ok_and(|mut keys| keys.next().is_some());
    if home.join("linli.db").exists() || has_keys {
        return Ok(());
    }
    Err(Failure::new(Wrong::NoHome, json!({ "home": home.display().to_string() })))
}

/// An open phone.
pub(crate) struct Phone {
    pub(crate) replica: Replica,
    pub(crate) words: Words,
    pub(crate) local: Local,
    /// The community's settings, as they stood when the phone was opened.
    pub(crate) settings: SettingsView,
    /// The name of this command: the same again writes nothing twice.
    pub(crate) command: CommandId,
}

impl Phone {
    /// Opens a home. One process at a time.
    pub(crate) fn open(home: &Path, must: Home, words: Words, command: Option<CommandId>) -> Outcome<Self> {
        if must == Home::MustBe {
            must_be(home)?;
        }
        let secrets = DirSecrets::open(&home.join("secrets"))?;
        let replica = Replica::open(Options::new(home, Arc::new(secrets)))?;
        let settings = replica.settings()?;
        let local = Local::ahead_by(settings.utc_offset_minutes);
        let command = command.unwrap_or_else(|| CommandId::from_bytes(rand::random()));
        Ok(Self { replica, words, local, settings, command })
    }

    /// What this machine's clock says.
    pub(crate) fn now(&self) -> WallMs {
        SystemClock.wall()
    }

    /// Reads a local time.
    pub(crate) fn time(&self, text: &str) -> Outcome<WallMs> {
        self.local.read(text, self.now())
    }

    /// The same where one is given.
    pub(crate) fn time_if(&self, text: Option<&str>) -> Outcome<Option<WallMs>> {
        text.map(|text| self.time(text)).transpose()
    }

    /// Reads an address as people write it, by the register.
    pub(crate) fn door(&self, text: &str) -> Outcome<Door> {
        self.replica.door(text).map_err(|error| Failure::door(error, text))
    }

    /// The same of something that may have been written down in spite of the register.
    pub(crate) fn door_sought(&self, text: &str) -> Outcome<Door> {
        self.replica.door_sought(text).map_err(|error| Failure::door(error, text))
    }

    /// Reads a building's label as people write it.
    pub(crate) fn building_label(&self, text: &str) -> Outcome<String> {
        address::part_label(Part::Building, text).map_err(|error| Failure::address(&error, text))
    }

    /// The code of a kind of order, by its code or a name of it.
    pub(crate) fn order_kind(&self, text: &str) -> Outcome<String> {
        let kinds = &self.settings.order_kinds;
        let wanted = text.trim().to_lowercase();
        let names = |names: [&str; 3]| names.iter().any(|name| name.to_lowercase() == wanted);
        let mut known: Vec<_> = kinds.iter().filter(|term| names([&term.code, &term.zh, &term.en])).collect();
        // A code wins over names; two that are called so are told apart by their codes.
        known.sort_by_key(|term| term.code.to_lowercase() != wanted);
        if let [first, _, ..] = known[..]
            && first.code.to_lowercase() != wanted
        {
            let codes: Vec<&str> = known.iter().map(|term| term.code.as_str()).collect();
            return Err(Failure::new(Wrong::Ambiguous, json!({ "of": "kind", "text": text, "candidates": codes })));
        }
        let unknown = || {
            let offered = kinds.iter().filter(|term| term.active).map(|term| self.kind_name(&term.code));
            Failure::new(Wrong::UnknownKind, json!({ "text": text, "kinds": offered.collect::<Vec<_>>() }))
        };
        known.first().map(|term| term.code.clone()).ok_or_else(unknown)
    }

    /// What a kind of order is called.
    pub(crate) fn kind_name(&self, code: &str) -> String {
        let term = self.settings.order_kind(code);
        let name = term.map(|term| if self.words.0 == Lang::Zh { &term.zh } else { &term.en });
        name.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| code.to_owned())
    }

    /// Carries out a command whose warnings ask for a flag.
    pub(crate) fn submit<A: Aggregate>(
        &self,
        target: Option<Reference>,
        command: A::Command,
        flag: &'static str,
    ) -> Outcome<Receipt> {
        self.submit_with::<A>(target, command, Some(flag))
    }

    /// Carries out a command.
    pub(crate) fn submit_with<A: Aggregate>(
        &self,
        target: Option<Reference>,
        command: A::Command,
        flag: Option<&'static str>,
    ) -> Outcome<Receipt> {
        self.carry_out::<A>(self.command, target, command, flag)
    }

    /// Carries out one of several commands of one typed line, each under a name of its own.
    pub(crate) fn submit_nth<A: Aggregate>(
        &self,
        nth: u32,
        target: Option<Reference>,
        command: A::Command,
    ) -> Outcome<Receipt> {
        let mut bytes = *self.command.as_bytes();
        for (byte, part) in bytes.iter_mut().rev().zip(nth.to_le_bytes()) {
            *byte ^= part;
        }
        self.carry_out::<A>(CommandId::from_bytes(bytes), target, command, None)
    }

    fn carry_out<A: Aggregate>(
        &self,
        id: CommandId,
        target: Option<Reference>,
        command: A::Command,
        flag: Option<&'static str>,
    ) -> Outcome<Receipt> {
        self.replica.submit::<A>(id, target, command).map_err(|error| {
            let mut failure = Failure::submit(&error, flag);
            if let (SubmitError::Unknown { .. }, Some(target)) = (&error, target) {
                failure.params.insert("text".to_owned(), target.to_string().into());
            }
            self.name(&mut failure.params);
            failure
        })
    }

    /// Adds names to members and products, and local times to times, for sentences. What has neither stays as it is.
    pub(crate) fn name(&self, params: &mut Map<String, Value>) {
        let mut named = Map::new();
        for (key, value) in params.iter_mut() {
            let member = value.as_str().and_then(|text| text.parse::<MemberId>().ok());
            let time = value.as_i64().filter(|_| matches!(key.as_str(), "since" | "when" | "wall" | "happened_at"));
            if let Some(member) = member {
                named.insert(format!("{key}_name"), self.member_name(member).into());
            } else if let Some(product) = value.as_str().filter(|_| key == "product").and_then(|text| text.parse().ok())
            {
                named.extend(self.product_name(product).map(|name| (format!("{key}_name"), name.into())));
            } else if let Some(time) = time {
                named.insert(format!("{key}_local"), self.local.show(WallMs(time)).into());
            } else if let Some(inside) = value.as_object_mut() {
                self.name(inside);
            } else if let Some(list) = value.as_array_mut() {
                let members: Option<Vec<MemberId>> = list.iter().map(|one| one.as_str()?.parse().ok()).collect();
                let names = members.map(|all| all.into_iter().map(|one| self.member_name(one)).collect::<Vec<_>>());
                named
                    .extend(names.filter(|names| !names.is_empty()).map(|names| (format!("{key}_name"), names.into())));
                list.iter_mut().filter_map(Value::as_object_mut).for_each(|inside| self.name(inside));
            }
        }
        params.extend(named);
    }

    /// A member's name, with the first digits of their id where it does not tell them from everybody else.
    pub(crate) fn member_name(&self, member: MemberId) -> String {
        if Some(member) == self.replica.member() {
            return self.words.plain("screen.me");
        }
        self.replica.people().shown_member(member)
    }

    /// The name of whoever has a device, with the first digits of its id where it does not tell them from everybody else.
    pub(crate) fn device_name(&self, device: DeviceId) -> String {
        self.replica.people().shown_device(device)
    }
}

//! The community: real replicas with databases of their own, founded, admitted and in step before the first day.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, OnceLock},
};

use anyhow::{Context, Result, ensure};
use linli_core::{
    aggregate::{
        Aggregate,
        building::{Building, BuildingCommand},
        medicine_box::{self, MedicineBox},
        product::{self, Product, search_key},
    },
    id::{CommandId, MemberId, Reference},
    replica::{Options, Replica, SubmitError, Updates},
    roster::{Grant, Role},
    store::DirSecrets,
    time::{ManualClock, WallMs},
};
use linli_tests::{Break, Ended, meet};
use parking_lot::Mutex;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{exchange::Exchange, plan::Plan};

const CATALOGUE: &str = include_str!("../data/products.csv");
/// Every so many phones there is a coordinator's; the first phone is the founder's.
const COORDINATORS: usize = 20;
/// Time before the recording in which the community is set up.
const SETTING_UP: i64 = 60 * 60 * 1000;

/// A volunteer's phone.
pub(crate) struct Phone {
    pub replica: Replica,
    pub updates: Mutex<Updates>,
    clock: ManualClock,
    /// By how much its clock is wrong, in milliseconds.
    wrong: i64,
}

impl Phone {
    /// Lets its clock run to a time, wrong as it is.
    pub(crate) fn at(&self, at: i64) {
        self.clock.advance_to(WallMs(at.saturating_add(self.wrong)));
    }
}

/// Everybody's phones, and what the names of the recording stand for once somebody has written them down.
pub(crate) struct Town {
    pub phones: Vec<Phone>,
    pub members: Vec<MemberId>,
    pub boxes: Vec<Reference>,
    pub products: BTreeMap<String, Reference>,
    pub orders: Vec<OnceLock<Reference>>,
    pub lots: Vec<OnceLock<Reference>>,
    pub parcels: Vec<OnceLock<Reference>>,
    /// In which building each phone lives.
    lives: Vec<usize>,
    /// Through whom phones of different buildings hear of each other; none if they meet.
    exchange: Option<Exchange>,
}

/// The catalogue's records.
pub(crate) fn catalogue() -> Result<Vec<product::Record>> {
    csv::Reader::from_reader(CATALOGUE.as_bytes()).deserialize().collect::<Result<_, _>>().context("the catalogue")
}

impl Town {
    /// Founds the community: phones, members, rights, catalogue, buildings, boxes. The first phone writes it all, the
    /// others hear of it from there.
    pub(crate) fn found(plan: &Plan, seed: u64, dir: &Path, relay: bool) -> Result<Self> {
        let mut dice = ChaCha20Rng::seed_from_u64(seed ^ 0x746f_776e);
        let phones = (0..plan.phones).map(|at| open(at, plan, &mut dice, dir)).collect::<Result<Vec<_>>>()?;
        let mut founder = Founder { replica: &phones[0].replica, dice };
        let (boxes, products) = founder.set_up(plan, &phones)?;
        let exchange = relay.then(|| Exchange::begin(founder.replica, founder.id(), dir)).transpose()?;
        for phone in phones.iter().skip(1) {
            if let Some(exchange) = &exchange {
                exchange.sync(&phone.replica, Break::Never)?;
                continue;
            }
            let mut dice = ChaCha20Rng::seed_from_u64(seed);
            let meeting = meet(&phone.replica, &phones[0].replica, &mut dice, Break::Never);
            ensure!(meeting.ended == Ended::InStep, "the first meeting failed: {:?}", meeting.ended);
        }
        let members = phones.iter().map(|phone| phone.replica.member().context("a phone was not admitted"));
        let blank = |count| (0..count).map(|_| OnceLock::new()).collect();
        Ok(Self {
            members: members.collect::<Result<_>>()?,
            boxes,
            products,
            orders: blank(plan.orders),
            lots: blank(plan.lots),
            parcels: blank(plan.parcels),
            lives: plan.lives.clone(),
            exchange,
            phones,
        })
    }

    /// The relay between two phones; none if they meet.
    pub(crate) fn between(&self, one: usize, other: usize) -> Option<&Exchange> {
        self.exchange.as_ref().filter(|_| self.lives.get(one) != self.lives.get(other))
    }

    /// Whose phone it is, as the report says it.
    pub(crate) fn who(&self, member: MemberId) -> String {
        let phone = self.members.iter().position(|known| *known == member);
        phone.map_or_else(|| "nobody here".to_owned(), |phone| format!("phone {phone}"))
    }
}

fn open(at: usize, plan: &Plan, dice: &mut ChaCha20Rng, dir: &Path) -> Result<Phone> {
    let home = dir.join(format!("phone-{at}"));
    // Every tenth clock is wrong by up to two hours, every fiftieth by years.
    let hours = dice.random_range(-120..120) * 60_000;
    let wrong = match at % 50 {
        17 => -20 * 365 * 86_400_000,
        3 | 13 | 23 | 33 | 43 => hours,
        _ => 0,
    };
    let clock = ManualClock::at(WallMs((plan.begins.0 - SETTING_UP).saturating_add(wrong)));
    let secrets = Arc::new(DirSecrets::open(&home.join("secrets"))?);
    let options = Options { clock: Arc::new(clock.clone()), seed: Some(dice.random()), ..Options::new(&home, secrets) };
    let replica = Replica::open(options).with_context(|| format!("opening {}", home.display()))?;
    let updates = Mutex::new(replica.subscribe());
    Ok(Phone { replica, updates, clock, wrong })
}

struct Founder<'a> {
    replica: &'a Replica,
    dice: ChaCha20Rng,
}

impl Founder<'_> {
    fn set_up(&mut self, plan: &Plan, phones: &[Phone]) -> Result<(Vec<Reference>, BTreeMap<String, Reference>)> {
        self.replica.found(None)?;
        for (at, phone) in phones.iter().enumerate().skip(1) {
            let role = if at % COORDINATORS == 0 { Role::Coordinator } else { Role::Volunteer };
            self.replica.admit(self.id(), phone.replica.record(), role, None, None)?;
            phone.replica.join(&self.replica.welcome()?)?;
        }
        let products = self.catalogue()?;
        for label in &plan.buildings {
            let command = BuildingCommand::List { label: label.clone(), changes: Vec::new() };
            self.submit::<Building>(command).with_context(|| format!("building {label}"))?;
        }
        let mut boxes = Vec::new();
        for building in &plan.boxes {
            let building = plan.buildings[*building].clone();
            let place = "门厅".to_owned();
            let command = medicine_box::Command::Open { building: Some(building), place, note: String::new() };
            boxes.push(self.submit::<MedicineBox>(command)?);
        }
        self.grants(plan, phones, &boxes)?;
        Ok((boxes, products))
    }

    fn grants(&mut self, plan: &Plan, phones: &[Phone], boxes: &[Reference]) -> Result<()> {
        let leads = |phone: usize| move |(_, leader): &(usize, &usize)| **leader == phone;
        for (at, phone) in phones.iter().enumerate().skip(1) {
            let led: Vec<usize> = plan.leaders.iter().enumerate().filter(leads(at)).map(|(led, _)| led).collect();
            if led.is_empty() {
                continue;
            }
            let buildings = led.iter().map(|led| plan.buildings[*led].clone()).collect();
            self.replica.grant(self.id(), phone.replica.device(), Grant::Leader { buildings })?;
            let kept = plan.boxes.iter().zip(boxes).filter(|(building, _)| led.contains(building));
            let boxes: Vec<Reference> = kept.map(|(_, medicine_box)| *medicine_box).collect();
            if !boxes.is_empty() {
                self.replica.grant(self.id(), phone.replica.device(), Grant::Keeper { boxes })?;
            }
        }
        Ok(())
    }

    fn catalogue(&mut self) -> Result<BTreeMap<String, Reference>> {
        let import = product::import(&catalogue()?, &BTreeSet::new());
        let mut products = BTreeMap::new();
        for command in import.commands {
            if let product::Command::List { details, .. } | product::Command::Propose { details } = &command {
                let key = search_key(&details.name);
                products.insert(key, self.submit::<Product>(command)?);
            }
        }
        Ok(products)
    }

    fn submit<A: Aggregate>(&mut self, command: A::Command) -> Result<Reference>
    where
        SubmitError<A::Refusal>: Send + Sync,
    {
        Ok(self.replica.submit::<A>(self.id(), None, command)?.aggregate)
    }

    fn id(&mut self) -> CommandId {
        CommandId::from_bytes(self.dice.random())
    }
}

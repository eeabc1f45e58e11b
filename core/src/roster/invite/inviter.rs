//! The inviting phone's side of an invitation: who asks, whether the proof is right, and what the person decided.
//!
//! One invitation at a time, in memory alone. It is good for one asker who proves the secret: whoever proves it after
//! that, or a connection that breaks while people compare, ends it. Else a bystander who read the code could cut the
//! honest connection and try again until the digits agree.

use super::{Ask, Digits, Invitation, Offer, Turned};
use crate::{id::DeviceId, key::DeviceRecord, limits, time::Mono};

/// A connection over which somebody may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller(u64);

/// How an invitation ended without an admission.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Ended {
    /// Its time was up.
    #[error("the invitation's ten minutes are over")]
    Expired,
    /// Too many wrong proofs came.
    #[error("somebody guessed at the invitation; it is over")]
    Guessed,
    /// Two devices showed its secret.
    #[error("two devices used the invitation; it is over for both")]
    ShownToTwo,
    /// The person said no.
    #[error("the asking device was refused")]
    Refused,
    /// The person took it back.
    #[error("the invitation was taken back")]
    Cancelled,
    /// The asking device went away.
    #[error("the asking device went away")]
    Broken,
    /// The roster does not take the device.
    #[error("the community cannot admit the device")]
    NotAdmitted,
}

/// What the inviting person's screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inviting {
    /// No invitation was made.
    Nothing,
    /// Nobody has shown the secret yet.
    Open {
        /// When it is over.
        until: Mono,
        /// Wrong proofs that came.
        wrong: u32,
    },
    /// Somebody has: the person compares, and confirms or refuses.
    Comparing {
        /// What must stand on the other screen too.
        digits: Digits,
        /// The device that asks.
        device: DeviceId,
        /// When it is over.
        until: Mono,
    },
    /// The person has confirmed, and the device is admitted.
    Admitted {
        /// The device that is admitted.
        device: DeviceId,
    },
    /// It ended otherwise.
    Over(Ended),
}

/// What an asker is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing before the person decides.
    Wait,
    /// It is admitted.
    Welcome,
    /// It is turned away, for this reason.
    No(Turned),
}

/// Whom the person confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The device, to be admitted.
    pub record: DeviceRecord,
    /// What its admission was to say: its role, whose it is, its name.
    pub offer: Offer,
}

/// The inviting side of one invitation.
#[derive(Debug, Default)]
pub struct Inviter {
    callers: u64,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Nothing,
    Open(Box<Open>),
    Confirmed {
        caller: Caller,
        device: DeviceId,
        admitted: bool,
    },
    Over(Ended),
}

#[derive(Debug)]
struct Open {
    invitation: Invitation,
    offer: Offer,
    until: Mono,
    wrong: u32,
    asker: Option<Asker>,
}

#[derive(Debug)]
struct Asker {
    caller: Caller,
    record: DeviceRecord,
    digits: Digits,
}

impl Inviter {
    /// Lays an invitation out; one that lay there is over.
    pub fn lay_out(&mut self, invitation: Invitation, offer: Offer, now: Mono) {
        let until = now.plus(std::time::Duration::from_millis(limits::INVITATION_MS));
        self.state = State::Open(Box::new(Open { invitation, offer, until, wrong: 0, asker: None }));
    }

    /// Takes the invitation back, if nobody was confirmed.
    pub fn cancel(&mut self) {
        self.end(Ended::Cancelled);
    }

    /// Whether somebody may still ask.
    pub fn is_open(&mut self, now: Mono) -> bool {
        self.open(now).is_some()
    }

    /// What the screen shows.
    pub fn inviting(&mut self, now: Mono) -> Inviting {
        self.expire(now);
        match &self.state {
            State::Nothing => Inviting::Nothing,
            State::Open(open) => match &open.asker {
                None => Inviting::Open { until: open.until, wrong: open.wrong },
                Some(asker) => {
                    Inviting::Comparing { digits: asker.digits, device: asker.record.device, until: open.until }
                }
            },
            State::Confirmed { device, .. } => Inviting::Admitted { device: *device },
            State::Over(ended) => Inviting::Over(*ended),
        }
    }

    /// A name for a new connection.
    pub fn caller(&mut self) -> Caller {
        self.callers = self.callers.saturating_add(1);
        Caller(self.callers)
    }

    /// Somebody asks, over a connection with this secret on which this device proved its key.
    ///
    /// # Errors
    /// Why they are turned away.
    pub fn ask(
        &mut self,
        caller: Caller,
        ask: &Ask,
        connection: &[u8; 32],
        device: DeviceId,
        now: Mono,
    ) -> Result<(), Turned> {
        let open = self.open(now).ok_or(Turned::NotOpen)?;
        // Hashes compare in constant time. A record of another device is as wrong as a wrong proof.
        let right = open.invitation.secret.proof(connection, &ask.record) == blake3::Hash::from_bytes(ask.proof);
        if !right || ask.record.device != device {
            open.wrong = open.wrong.saturating_add(1);
            if open.wrong >= limits::INVITATION_PROOFS {
                self.end(Ended::Guessed);
            }
            return Err(Turned::WrongProof);
        }
        if open.asker.is_some() {
            self.end(Ended::ShownToTwo);
            return Err(Turned::ShownToTwo);
        }
        let digits = Digits::of(connection, &ask.record);
        open.asker = Some(Asker { caller, record: ask.record, digits });
        Ok(())
    }

    /// The person says that both screens show these digits. The device is to be admitted now, and
    /// [`admitted`](Self::admitted) to be told how that went.
    ///
    /// # Errors
    /// How the invitation ended, if it did; `None` if nobody asks, or the digits are not those of whoever does: then
    /// nothing is changed.
    pub fn confirm(&mut self, digits: Digits, now: Mono) -> Result<Confirmed, Option<Ended>> {
        self.expire(now);
        let open = match &self.state {
            State::Open(open) => open,
            State::Over(ended) => return Err(Some(*ended)),
            State::Nothing | State::Confirmed { .. } => return Err(None),
        };
        let asker = open.asker.as_ref().filter(|asker| asker.digits == digits).ok_or(None)?;
        let confirmed = Confirmed { record: asker.record, offer: open.offer.clone() };
        self.state = State::Confirmed { caller: asker.caller, device: confirmed.record.device, admitted: false };
        Ok(confirmed)
    }

    /// Whether the confirmed device was admitted.
    pub fn admitted(&mut self, well: bool) {
        match &mut self.state {
            State::Confirmed { admitted, .. } if well => *admitted = true,
            State::Confirmed { .. } => self.state = State::Over(Ended::NotAdmitted),
            State::Nothing | State::Open(_) | State::Over(_) => {}
        }
    }

    /// The person says no to whoever asks.
    pub fn refuse(&mut self) {
        if matches!(&self.state, State::Open(open) if open.asker.is_some()) {
            self.end(Ended::Refused);
        }
    }

    /// A connection ended. If people were comparing, the invitation is over.
    pub fn gone(&mut self, caller: Caller) {
        if matches!(&self.state, State::Open(open) if open.asker.as_ref().is_some_and(|one| one.caller == caller)) {
            self.end(Ended::Broken);
        }
    }

    /// What an asker whose proof was right is to be told.
    pub fn verdict(&mut self, caller: Caller, now: Mono) -> Verdict {
        self.expire(now);
        match &self.state {
            State::Open(open) if open.asker.as_ref().is_some_and(|asker| asker.caller == caller) => Verdict::Wait,
            State::Confirmed { caller: confirmed, admitted, .. } if *confirmed == caller => {
                if *admitted {
                    Verdict::Welcome
                } else {
                    Verdict::Wait
                }
            }
            State::Over(Ended::ShownToTwo) => Verdict::No(Turned::ShownToTwo),
            State::Over(Ended::Refused) => Verdict::No(Turned::Refused),
            State::Over(Ended::NotAdmitted) => Verdict::No(Turned::NotAdmitted),
            State::Over(_) | State::Nothing | State::Open(_) | State::Confirmed { .. } => Verdict::No(Turned::NotOpen),
        }
    }

    fn open(&mut self, now: Mono) -> Option<&mut Open> {
        self.expire(now);
        match &mut self.state {
            State::Open(open) => Some(open),
            State::Nothing | State::Confirmed { .. } | State::Over(_) => None,
        }
    }

    fn expire(&mut self, now: Mono) {
        if matches!(&self.state, State::Open(open) if now >= open.until) {
            self.end(Ended::Expired);
        }
    }

    fn end(&mut self, ended: Ended) {
        if matches!(self.state, State::Open(_)) {
            self.state = State::Over(ended);
        }
    }
}

//! Inviting: an invitation on this phone's screen, who asks, and the person's yes or no.

use std::{sync::Arc, time::Duration};

use linli_core::{
    id::{CommunityId, DeviceId},
    replica::Replica,
    roster::{
        Role,
        invite::{self, Digits, Invitation, Offer},
    },
    time::{Clock, Mono, SystemClock},
    vocabulary::Coded,
};

use crate::{
    LinliError, Phone,
    home::bundle::{Work, unless},
    ids::read,
    life::Life,
    net::node::addresses,
    updates::Subscription,
};

/// How long a wait for a change lasts.
const LOOK: Duration = Duration::from_secs(15);

/// What the inviting person's screen shows.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum InvitingState {
    /// No invitation lies there.
    Nothing,
    /// Nobody has asked yet.
    Open {
        /// Milliseconds until it is over.
        ends_in_ms: u64,
        /// Wrong proofs that came.
        wrong: u32,
    },
    /// Somebody asks: the person compares, and confirms or refuses.
    Comparing {
        /// Six digits that must stand on the other screen too.
        digits: String,
        /// The device that asks.
        device: DeviceId,
        /// Milliseconds until it is over.
        ends_in_ms: u64,
    },
    /// The person has confirmed, and the device is admitted.
    Admitted {
        /// The device that is admitted.
        device: DeviceId,
    },
    /// It ended otherwise.
    Over {
        /// How: `expired`, `guessed`, `shown_to_two`, `refused`, `cancelled`, `broken`, `not_admitted`.
        code: String,
    },
}

fn left(until: Mono) -> u64 {
    until.since(SystemClock.mono())
}

impl From<invite::Inviting> for InvitingState {
    fn from(state: invite::Inviting) -> Self {
        match state {
            invite::Inviting::Nothing => Self::Nothing,
            invite::Inviting::Open { until, wrong } => Self::Open { ends_in_ms: left(until), wrong },
            invite::Inviting::Comparing { digits, device, until } => {
                Self::Comparing { digits: digits.to_string(), device, ends_in_ms: left(until) }
            }
            invite::Inviting::Admitted { device } => Self::Admitted { device },
            invite::Inviting::Over(ended) => Self::Over { code: ended.code().to_owned() },
        }
    }
}

/// What an invitation says, for the screen of whoever scanned it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct InvitationCard {
    /// The community that invites.
    pub community: CommunityId,
    /// The inviting device.
    pub device: DeviceId,
    /// What the asker is to be. A hint: the inviter's own note decides.
    pub role: Role,
    /// Where the inviting device may be reached. Hints, too.
    pub addresses: Vec<String>,
}

/// Reads an invitation without asking, so that a person can say no first.
#[uniffi::export]
pub fn read_invitation(text: String) -> Result<InvitationCard, LinliError> {
    let invitation: Invitation = text.trim().parse()?;
    Ok(InvitationCard {
        community: invitation.community,
        device: invitation.device,
        role: invitation.role,
        addresses: invitation.addresses.iter().map(ToString::to_string).collect(),
    })
}

/// An invitation that lies on this phone, good for ten minutes and one device.
#[derive(uniffi::Object)]
pub struct Inviting {
    life: Arc<Life>,
    text: String,
    news: Subscription,
}

#[uniffi::export]
impl Phone {
    /// Lays out an invitation; one that lay there is over. Coordinators only. `addresses` say where this phone can be
    /// reached, if it can: those of a running node. Whoever asks over a pipe of the app's own needs none.
    pub async fn invite(&self, offer: Offer, addresses: Vec<String>) -> Result<Arc<Inviting>, LinliError> {
        let addresses = self::addresses(&addresses)?;
        let news = Subscription::new(&self.life)?;
        let text = self.call(move |replica| replica.invite(offer, addresses).map(|invitation| invitation.to_string()));
        Ok(Arc::new(Inviting { life: self.life.clone(), text: text.await?, news }))
    }
}

impl Inviting {
    async fn otherwise(&self, shown: InvitingState) -> Result<InvitingState, LinliError> {
        loop {
            let now = self.state().await?;
            if !same(&now, &shown) {
                return Ok(now);
            }
            if !self.news.within(LOOK).await? {
                return self.state().await;
            }
        }
    }
}

#[uniffi::export]
impl Inviting {
    /// The invitation as text, for a QR code or a chat. A bystander who reads it can ask, and nothing more.
    pub fn text(&self) -> Result<String, LinliError> {
        Ok(self.text.clone())
    }

    /// How it stands.
    pub async fn state(&self) -> Result<InvitingState, LinliError> {
        self.life.look(|replica| replica.inviting().into()).await
    }

    /// Waits until it stands otherwise than in `shown`, or a quarter of a minute; answers how it stands then. Time that
    /// passes is no change. Cancelling the wait changes nothing; cancelling `work` ends it.
    #[uniffi::method(default(work = None))]
    pub async fn next_state(&self, shown: InvitingState, work: Option<Arc<Work>>) -> Result<InvitingState, LinliError> {
        unless(work, self.otherwise(shown)).await
    }

    /// The person has compared: both screens show these digits. Admits the device that asks and sends it the welcome.
    pub async fn confirm(&self, digits: String) -> Result<DeviceId, LinliError> {
        let digits: Digits = read("digits", &digits)?;
        self.life.call(move |replica| replica.confirm(digits)).await
    }

    /// The person says no to whoever asks: the invitation is over.
    pub async fn refuse(&self) -> Result<(), LinliError> {
        self.life.look(Replica::refuse_invited).await
    }

    /// Takes the invitation back, if nobody was confirmed.
    pub async fn cancel(&self) -> Result<(), LinliError> {
        self.life.look(Replica::cancel_invitation).await
    }
}

/// Whether two states differ in nothing but time.
fn same(one: &InvitingState, other: &InvitingState) -> bool {
    use InvitingState::{Comparing, Open};
    match (one, other) {
        (Open { wrong, .. }, Open { wrong: shown, .. }) => wrong == shown,
        (Comparing { digits, .. }, Comparing { digits: shown, .. }) => digits == shown,
        _ => one == other,
    }
}

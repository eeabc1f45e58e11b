//! Inboxes: what conversations hear from the rest of whoever keeps the logs, and what of broken runs waits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    event::{Entry, Tail, Topic, VerifiedRun},
    id::{DeviceId, TopicTag},
    limits,
};

/// What a conversation hears.
#[derive(Clone, Debug)]
pub enum Note {
    /// This device wrote.
    Appended(Vec<(Topic, VerifiedRun)>),
    /// Others' events came by another conversation.
    Stored {
        /// The topic.
        topic: TopicTag,
        /// All heads of each log concerned.
        heads: Vec<Entry>,
    },
    /// The roster changed.
    Roster,
    /// More happened than the inbox holds.
    Lost,
}

/// Notes kept for a conversation that is not driven.
const INBOX: usize = 1_024;

/// Where a conversation's notes lie until it is driven.
#[derive(Default)]
pub struct Inbox {
    notes: Mutex<Vec<Note>>,
    wake: Arc<Notify>,
}

impl Inbox {
    fn put(&self, note: &Note) {
        let mut notes = self.notes.lock();
        // A conversation that nobody drives must not gather news for ever.
        match notes.len() {
            INBOX => {}
            len if len + 1 == INBOX => notes.push(Note::Lost),
            _ => notes.push(note.clone()),
        }
        drop(notes);
        self.wake.notify_one();
    }

    pub(super) fn take(&self) -> Vec<Note> {
        std::mem::take(&mut *self.notes.lock())
    }

    pub(super) fn wake(&self) -> Arc<Notify> {
        self.wake.clone()
    }
}

/// All conversations that are open.
#[derive(Default)]
pub struct Inboxes(Mutex<Vec<Weak<Inbox>>>);

impl Inboxes {
    pub(super) fn open(&self) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::default());
        self.0.lock().push(Arc::downgrade(&inbox));
        inbox
    }

    /// Tells all conversations, but for the one that brought the news.
    pub fn tell(&self, but: Option<&Arc<Inbox>>, note: &Note) {
        let open: Vec<Arc<Inbox>> = {
            let mut inboxes = self.0.lock();
            inboxes.retain(|inbox| inbox.strong_count() > 0);
            inboxes.iter().filter_map(Weak::upgrade).collect()
        };
        for inbox in open.iter().filter(|inbox| but.is_none_or(|but| !Arc::ptr_eq(but, inbox))) {
            inbox.put(note);
        }
    }
}

/// What came of the last run before a conversation broke, of a few peers, until the rest of it comes. In memory alone.
#[derive(Default)]
pub struct Tails(Mutex<BTreeMap<DeviceId, (TopicTag, Tail)>>);

impl Tails {
    pub(super) fn take(&self, peer: DeviceId) -> Option<(TopicTag, Tail)> {
        self.0.lock().remove(&peer)
    }

    pub(super) fn keep(&self, peer: DeviceId, topic: TopicTag, tail: Tail) {
        let mut tails = self.0.lock();
        tails.insert(peer, (topic, tail));
        if tails.len() > limits::TAILS {
            tails.pop_first();
        }
    }
}

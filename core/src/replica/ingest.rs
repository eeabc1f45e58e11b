//! Ingest: runs from a peer, verified outside the transaction, are stored and placed run by run inside it.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use super::{
    Engine, Inner, Replica,
    place::Placing,
    update::{News, Update},
};
use crate::{
    event::VerifiedRun,
    id::{EventId, TopicTag},
    keep::{Answer, Appended, Checked, Inbox, Note, Quota, append, committed, heads_of, refilled},
    limits,
    store::{StoreError, Write},
};

impl Replica {
    /// Stores and places what was verified, in as many transactions as it takes.
    pub(super) fn store_checked(
        &self,
        topic: TopicTag,
        checked: Vec<Checked>,
        led: &BTreeSet<EventId>,
        from: &Arc<Inbox>,
    ) -> Result<Vec<Answer>, StoreError> {
        self.heal_now_and_then();
        let mut answers = Vec::new();
        let mut open = checked.into_iter().peekable();
        while open.peek().is_some() {
            let mut engine = self.lock_engine();
            let before = answers.len();
            let done = engine.take_batch(&self.inner, &mut open, led, &mut answers);
            let news = match done {
                Ok(news) => news,
                Err(error) => {
                    engine.forget()?;
                    return Err(error);
                }
            };
            let roster = news.updates.contains(&Update::Roster);
            let erased = news.updates.contains(&Update::Erased);
            if roster || erased {
                self.publish(&engine);
            }
            drop(engine);
            if erased {
                self.begin_terms()?;
            }
            self.tell(topic, &answers[before..], news, from);
        }
        Ok(answers)
    }

    fn tell(&self, topic: TopicTag, answers: &[Answer], news: News, from: &Arc<Inbox>) {
        self.note(Some(from), &Note::Stored { topic, heads: heads_of(answers) });
        let logs = refilled(answers);
        if !logs.is_empty() {
            self.inner.shared.fills.begin_anew(&logs);
            self.note(Some(from), &Note::Refilled { topic, logs });
        }
        self.announce(Vec::new(), news);
    }
}

impl Engine {
    /// One transaction: until the batch is full, old, or a local command waits. What is to be told of it comes back.
    fn take_batch(
        &mut self,
        inner: &Inner,
        runs: &mut impl Iterator<Item = Checked>,
        led: &BTreeSet<EventId>,
        answers: &mut Vec<Answer>,
    ) -> Result<News, StoreError> {
        self.refresh()?;
        let Some(community) = self.community.as_mut() else { return Ok(Default::default()) };
        // How long the writer is held is a matter of this machine's time, and no lock is held across the app's clock.
        let began = Instant::now();
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, &inner.registry, &mut self.cache)?;
        let (mut events, mut done) = (0, Vec::new());
        for run in runs {
            let answer = match run {
                Err((log, why)) => Answer::Refused { log, why },
                Ok(mut run) => {
                    events += run.events().len();
                    placing.forgetting(&mut run);
                    take_run(&mut placing, &inner.quota, &run, led)?
                }
            };
            done.push(answer);
            let old = began.elapsed() >= Duration::from_millis(limits::BATCH_MS);
            if events >= limits::BATCH_EVENTS || old || inner.waiting.load(Ordering::Relaxed) > 0 {
                break;
            }
        }
        let news = placing.commit()?;
        answers.extend(done);
        Ok(news)
    }
}

fn take_run(
    placing: &mut Placing<'_>,
    quota: &Quota,
    run: &VerifiedRun,
    led: &BTreeSet<EventId>,
) -> Result<Answer, StoreError> {
    let (own, author) = (placing.own(), run.header().device);
    let Appended { stored, lender } = match append(&mut placing.write, placing.community, quota, own, run, led)? {
        Ok(appended) => appended,
        Err(why) => return Ok(Answer::Refused { log: run.header().id(), why }),
    };
    let noted = |write: &Write<'_>| Ok::<_, StoreError>((write.noted_of(author)?, write.held_beyond(author)?));
    let before = if lender.is_some() { noted(&placing.write)? } else { (0, 0) };
    placing.place_run(run, &stored)?;
    // The next run is asked behind this one whether it finds room.
    placing.write.note_heaped()?;
    if let Some(lender) = lender {
        let (waits, beyond) = noted(&placing.write)?;
        let more = (waits.saturating_sub(before.0), beyond.saturating_sub(before.1));
        placing.write.lend_more(lender, author, more.0, more.1)?;
    }
    let heads = placing.write.heads(run.header().id())?;
    placing.silence(run.header(), heads.len())?;
    let refilled = placing.refill(quota, run, stored.len())?;
    placing.settle_roster()?;
    Ok(committed(placing.community, run, &heads, refilled))
}

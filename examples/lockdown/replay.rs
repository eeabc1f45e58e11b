//! Taking the steps of a plan on several threads.
//!
//! A step waits for the steps before it that touch one of its phones, and for nothing else. So every phone lives
//! through the same things in the same order however many threads there are and whichever is faster.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
    sync::{Condvar, Mutex, PoisonError},
};

use crate::{act::take, plan::Step, tally::Tally, town::Town};

/// Which steps wait for which.
struct Order {
    /// How many steps each still waits for.
    waits: Vec<usize>,
    /// Which steps wait for each.
    followers: Vec<Vec<usize>>,
}

struct State {
    order: Order,
    ready: BinaryHeap<Reverse<usize>>,
    left: usize,
}

fn order(steps: &[Step], phones: usize) -> Order {
    let mut last: Vec<Option<usize>> = vec![None; phones];
    let mut order = Order { waits: vec![0; steps.len()], followers: vec![Vec::new(); steps.len()] };
    for (at, step) in steps.iter().enumerate() {
        let touched = [Some(step.phone), step.other].into_iter().flatten();
        let before: BTreeSet<usize> = touched.filter_map(|phone| last[phone].replace(at)).collect();
        order.waits[at] = before.len();
        before.into_iter().for_each(|earlier| order.followers[earlier].push(at));
    }
    order
}

/// Takes all steps; `ticked` hears of each that is done.
pub(crate) fn replay(town: &Town, steps: &[Step], threads: usize, ticked: &(dyn Fn() + Sync)) -> Tally {
    let order = order(steps, town.phones.len());
    let ready = (0..steps.len()).filter(|at| order.waits[*at] == 0).map(Reverse).collect();
    let state = Mutex::new(State { order, ready, left: steps.len() });
    let news = Condvar::new();
    let mut all = Tally::default();
    std::thread::scope(|scope| {
        let work = || work(town, steps, &state, &news, ticked);
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        all.join(work());
        for other in others {
            match other.join() {
                Ok(tally) => all.join(tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all
}

/// Tells the other threads that nothing more will come, should this one panic.
struct Stop<'a>(&'a Mutex<State>, &'a Condvar);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).left = 0;
            self.1.notify_all();
        }
    }
}

fn work(town: &Town, steps: &[Step], state: &Mutex<State>, news: &Condvar, ticked: &(dyn Fn() + Sync)) -> Tally {
    let _stop = Stop(state, news);
    let mut tally = Tally::default();
    loop {
        let at = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if state.left == 0 {
                    return tally;
                }
                if let Some(Reverse(at)) = state.ready.pop() {
                    break at;
                }
                state = news.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        if let Err(error) = take(town, &steps[at], &mut tally) {
            tally.failures.insert(at, format!("{error:#}"));
        }
        ticked();
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.left = state.left.saturating_sub(1);
        for follower in std::mem::take(&mut state.order.followers[at]) {
            state.order.waits[follower] -= 1;
            if state.order.waits[follower] == 0 {
                state.ready.push(Reverse(follower));
            }
        }
        news.notify_all();
    }
}

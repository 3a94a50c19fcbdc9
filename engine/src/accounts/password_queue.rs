//! The queue in front of password hashing: few hashes at once, many who wait, and turns between them.
//!
//! A hash takes tens of milliseconds of a core, so a crowd has to wait, and anybody can be a crowd. Registrations and
//! sign-ins take turns, and so do the networks within each: whoever comes from a network that has nothing else waiting is
//! next but a few, however many requests another network has sent.

use crate::error::{Error, Result};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// Requests of one network that may wait.
const WAITING_PER_NETWORK_MAX: usize = 1500;
/// Requests that may wait: about a minute of hashing on a machine with two cores. Beyond this a network may only have one
/// waiting.
const WAITING_MAX: usize = 2000;
/// Requests that may wait in any case.
const WAITING_LIMIT: usize = 4000;

/// Who wants to hash a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Applicant {
    pub is_registration: bool,
    pub network: IpAddr,
}

/// Admits a few applicants at once; clones share the queue.
#[derive(Clone)]
pub(super) struct PasswordQueue(Arc<Mutex<State>>);

struct State {
    free: usize,
    waiting: usize,
    sign_ins: Turns,
    registrations: Turns,
    /// Whose turn it is next, if there are both.
    registration_is_next: bool,
}

/// Applicants by network; the first network is next.
#[derive(Default)]
struct Turns {
    networks: VecDeque<IpAddr>,
    waiting: HashMap<IpAddr, VecDeque<oneshot::Sender<Turn>>>,
}

/// The right to hash one password; the next applicant has it when it is dropped.
pub(super) struct Turn(PasswordQueue);

impl PasswordQueue {
    /// A queue that admits `at_once`.
    pub fn new(at_once: usize) -> Self {
        let (sign_ins, registrations) = (Turns::default(), Turns::default());
        let state = State { free: at_once, waiting: 0, sign_ins, registrations, registration_is_next: false };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Waits for a turn; `OVERLOADED` if too many are waiting.
    pub async fn turn(&self, applicant: Applicant) -> Result<Turn> {
        let turn = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Turn(self.clone()));
            }
            if !state.has_room(applicant.network) {
                state.forget_the_gone();
                if !state.has_room(applicant.network) {
                    return Err(Error::Overloaded);
                }
            }
            state.waiting += 1;
            state.turns(applicant).add(applicant.network)
        };
        turn.await.map_err(|_| Error::ShuttingDown)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn turns(&mut self, applicant: Applicant) -> &mut Turns {
        if applicant.is_registration { &mut self.registrations } else { &mut self.sign_ins }
    }

    fn has_room(&self, network: IpAddr) -> bool {
        let of_network = self.sign_ins.of(network) + self.registrations.of(network);
        of_network < WAITING_PER_NETWORK_MAX
            && (self.waiting < WAITING_MAX || (of_network == 0 && self.waiting < WAITING_LIMIT))
    }

    /// Removes those whose clients have disconnected.
    fn forget_the_gone(&mut self) {
        self.waiting = self.sign_ins.forget_the_gone() + self.registrations.forget_the_gone();
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let registration_is_next = self.registration_is_next;
        let (first, second) = if registration_is_next {
            (&mut self.registrations, &mut self.sign_ins)
        } else {
            (&mut self.sign_ins, &mut self.registrations)
        };
        let next = match first.next() {
            Some(next) => {
                self.registration_is_next = !registration_is_next;
                Some(next)
            }
            None => second.next(),
        };
        self.waiting -= usize::from(next.is_some());
        next
    }
}

impl Turns {
    fn of(&self, network: IpAddr) -> usize {
        self.waiting.get(&network).map_or(0, VecDeque::len)
    }

    /// Removes those who have given up; returns how many are left.
    fn forget_the_gone(&mut self) -> usize {
        for of_network in self.waiting.values_mut() {
            of_network.retain(|applicant| !applicant.is_closed());
        }
        self.waiting.retain(|_, of_network| !of_network.is_empty());
        self.networks.retain(|network| self.waiting.contains_key(network));
        self.waiting.values().map(VecDeque::len).sum()
    }

    fn add(&mut self, network: IpAddr) -> oneshot::Receiver<Turn> {
        let (sender, turn) = oneshot::channel();
        let of_network = self.waiting.entry(network).or_default();
        if of_network.is_empty() {
            self.networks.push_back(network);
        }
        of_network.push_back(sender);
        turn
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let network = self.networks.pop_front()?;
        let of_network = self.waiting.get_mut(&network)?;
        let next = of_network.pop_front();
        if of_network.is_empty() {
            self.waiting.remove(&network);
        } else {
            self.networks.push_back(network);
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state();
            let next = std::iter::from_fn(|| state.next()).find(|next| !next.is_closed());
            if next.is_none() {
                state.free += 1;
            }
            next
        };
        // If it is given up at this very moment, the turn comes back and is dropped, and passed on by that.
        let _ = next.map(|next| next.send(Turn(self.0.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::pin::Pin;

    fn network(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    /// An applicant that waits in the queue.
    fn waits(
        queue: &PasswordQueue,
        is_registration: bool,
        last: u8,
    ) -> Pin<Box<dyn Future<Output = Result<Turn>> + Send>> {
        let queue = queue.clone();
        let mut turn = Box::pin(async move { queue.turn(Applicant { is_registration, network: network(last) }).await });
        assert!(turn.as_mut().now_or_never().is_none(), "it waits");
        turn
    }

    #[tokio::test]
    async fn networks_take_turns_and_so_do_registrations() {
        let queue = PasswordQueue::new(1);
        let first = queue.turn(Applicant { is_registration: false, network: network(1) }).await.expect("is free");
        let crowd: Vec<_> = (0..100).map(|_| waits(&queue, false, 1)).collect();
        let registrations: Vec<_> = (0..100).map(|_| waits(&queue, true, 1)).collect();
        let mut other = waits(&queue, false, 2);
        // One sign-in of the crowd, one registration, and then the other network's sign-in.
        let mut crowd = crowd.into_iter();
        let mut registrations = registrations.into_iter();
        drop(first);
        let turn = crowd.next().expect("a hundred").await.expect("has its turn");
        drop(turn);
        let turn = registrations.next().expect("a hundred").await.expect("has its turn");
        assert!(other.as_mut().now_or_never().is_none(), "only one at once");
        drop(turn);
        other.await.expect("has its turn");
    }

    #[tokio::test]
    async fn turns_of_those_who_have_given_up_are_passed_on() {
        let queue = PasswordQueue::new(1);
        let first = queue.turn(Applicant { is_registration: false, network: network(1) }).await.expect("is free");
        let gone: Vec<_> = (0..50).map(|_| waits(&queue, false, 1)).collect();
        let last = waits(&queue, true, 2);
        drop(gone);
        drop(first);
        drop(last.await.expect("has its turn"));
        queue.turn(Applicant { is_registration: true, network: network(3) }).await.expect("is free again");
    }

    #[tokio::test]
    async fn a_network_cannot_fill_the_queue() {
        let queue = PasswordQueue::new(1);
        let refuses = async |is_registration, last| {
            let turn = queue.turn(Applicant { is_registration, network: network(last) }).now_or_never();
            matches!(turn, Some(Err(Error::Overloaded)))
        };
        let _first = queue.turn(Applicant { is_registration: false, network: network(1) }).await.expect("is free");
        let sign_ins: Vec<_> = (0..WAITING_PER_NETWORK_MAX - 500).map(|_| waits(&queue, false, 1)).collect();
        let _registrations: Vec<_> = (0..500).map(|_| waits(&queue, true, 1)).collect();
        assert!(refuses(false, 1).await && refuses(true, 1).await);
        let _others: Vec<_> = (WAITING_PER_NETWORK_MAX..WAITING_MAX).map(|_| waits(&queue, false, 2)).collect();
        assert!(refuses(false, 2).await, "the queue is full");
        let _third = waits(&queue, false, 3);
        assert!(refuses(true, 3).await, "but a network with nothing waiting may wait");
        // The places of those who have given up are free.
        drop(sign_ins);
        let _fourth = waits(&queue, true, 3);
    }
}

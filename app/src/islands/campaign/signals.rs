//! The signals behind the live campaign, and what news do to them.

use crate::{
    campaign_model::{
        forecast::forecaster,
        leaderboard::{Leaderboard, Position},
        phase::Phase,
        snapshot::{BidState, CampaignSnapshot, Me, Outcome, RankingView, Schedule, Terms},
        versioned_standing::VersionedStanding,
    },
    format::{fill, money},
    i18n::LiveMessages,
};
use domain::{CampaignId, UserId, Weight, forecast::Forecaster};
use leptos::prelude::*;

/// How the connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser has a connection"))]
pub(super) enum ConnectionStatus {
    /// The websocket is being opened for the first time.
    Connecting,
    /// The websocket is open, and the server was heard a moment ago.
    Live,
    /// The websocket was lost, or may be, and is being opened again.
    Lost,
    /// The websocket cannot be opened; the page asks every few seconds instead.
    Polling,
    /// Nothing answers.
    Stuck,
    /// Nothing will move any more.
    Closed,
}

/// Whether the reader still is who the page was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "a session changes in a browser only"))]
pub(super) enum PageSession {
    /// The reader is, signed in or not.
    Same,
    /// The session is over.
    Over,
    /// Someone else has signed in.
    Changed,
}

/// What an admin may edit while the page is open.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct EditableFields {
    pub(super) name: String,
    pub(super) terms: Terms,
    pub(super) schedule: Schedule,
}

/// After this long without a word what is known is called old.
const STALE_MS: i64 = 5_000;

/// Everything that changes on the page.
#[derive(Clone, Copy)]
pub(super) struct CampaignSignals {
    pub(super) messages: &'static LiveMessages,
    pub(super) campaign_id: CampaignId,
    /// Whom the page was made for, where signed in.
    pub(super) user_id: Option<UserId>,
    pub(super) session: RwSignal<PageSession>,
    /// What is added to the reader's scores.
    pub(super) weight: RwSignal<Option<Weight>>,
    /// The product's name.
    pub(super) name: RwSignal<String>,
    pub(super) terms: RwSignal<Terms>,
    pub(super) schedule: RwSignal<Schedule>,
    /// What an admin has edited since the page was made, in words.
    pub(super) edit: RwSignal<String>,
    /// What the page was made with.
    original: StoredValue<(EditableFields, Option<Weight>)>,
    /// The server's clock, in milliseconds since the Unix epoch.
    pub(super) now_ms: RwSignal<i64>,
    /// Whole seconds of it.
    pub(super) second: Memo<i64>,
    /// How far off that clock may be, in milliseconds; none while nobody knows.
    pub(super) accuracy_ms: RwSignal<Option<u32>>,
    /// When the ranking was last heard, by the same clock.
    pub(super) heard_ms: RwSignal<i64>,
    /// The newest ranking, and my place in it.
    pub(super) leaderboard: RwSignal<Leaderboard>,
    /// The one on the screen: the newest, unless the reader holds it.
    pub(super) shown: RwSignal<Leaderboard>,
    pub(super) paused: RwSignal<bool>,
    /// Where I stand; none without a bid, and where the page cannot know any more.
    pub(super) position: Memo<Option<Position>>,
    pub(super) result: RwSignal<Option<Outcome>>,
    pub(super) bid: RwSignal<BidState>,
    pub(super) link: RwSignal<ConnectionStatus>,
    pub(super) phase: Memo<Phase>,
    /// Whether nobody has said for a while how things are.
    pub(super) is_stale: Memo<bool>,
    /// Forecasts my bids; recomputed every second and with every change.
    pub(super) forecaster: Memo<Option<Forecaster>>,
    pub(super) toast: RwSignal<Option<Toast>>,
}

/// Good or bad news; its sentence follows what is known of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Toast {
    pub(super) good: bool,
    /// Tells it from an earlier one.
    pub(super) number: u32,
}

#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "news come to browsers only"))]
impl CampaignSignals {
    pub(super) fn new(snapshot: CampaignSnapshot) -> Self {
        let now_ms = RwSignal::new(snapshot.server_ms);
        let over = snapshot.result.is_some() || snapshot.schedule.status == domain::CampaignStatus::Cancelled;
        let terms = RwSignal::new(snapshot.terms);
        let schedule = RwSignal::new(snapshot.schedule);
        let result = RwSignal::new(snapshot.result);
        let user_id = snapshot.me.map(|me| me.user_id);
        let original =
            EditableFields { name: snapshot.name.clone(), terms: snapshot.terms, schedule: schedule.get_untracked() };
        let original = StoredValue::new((original, snapshot.me.map(|me| me.weight)));
        let weight = RwSignal::new(snapshot.me.map(|me| me.weight));
        let session = RwSignal::new(PageSession::Same);
        let leaderboard = Leaderboard::new(snapshot.ranking, snapshot.terms.quota, user_id, snapshot.standing);
        let shown = RwSignal::new(leaderboard.clone());
        let leaderboard = RwSignal::new(leaderboard);
        let position = Memo::new(move |_| {
            let is_mine = session.get() == PageSession::Same;
            leaderboard.with(Leaderboard::position).filter(|_| is_mine)
        });
        let phase = Memo::new(move |_| {
            let settled = result.with(Option::is_some);
            schedule.with(|s| Phase::at(now_ms.get(), s.start_ms, s.end_ms, s.status, settled))
        });
        let second = Memo::new(move |_| now_ms.get().div_euclid(1000));
        let link = RwSignal::new(if over { ConnectionStatus::Closed } else { ConnectionStatus::Connecting });
        let heard_ms = RwSignal::new(snapshot.server_ms);
        let is_stale = Memo::new(move |_| {
            phase.get() == Phase::Active
                && matches!(link.get(), ConnectionStatus::Lost | ConnectionStatus::Stuck)
                && now_ms.get() - heard_ms.get() > STALE_MS
        });
        let forecaster = Memo::new(move |_| {
            let me = Me { user_id: user_id?, weight: weight.get()? };
            if is_stale.get() {
                return None;
            }
            let start_ms = schedule.with(|s| s.start_ms);
            Some(
                leaderboard
                    .with(|leaderboard| forecaster(&terms.get(), me, start_ms, second.get() * 1000, leaderboard)),
            )
        });
        Self {
            messages: snapshot.lang.live_messages(),
            campaign_id: snapshot.campaign_id,
            user_id,
            session,
            weight,
            name: RwSignal::new(snapshot.name),
            terms,
            schedule,
            edit: RwSignal::new(String::new()),
            original,
            now_ms,
            second,
            accuracy_ms: RwSignal::new(None),
            heard_ms,
            leaderboard,
            shown,
            paused: RwSignal::new(false),
            position,
            result,
            bid: RwSignal::new(snapshot.bid),
            link,
            is_stale,
            phase,
            forecaster,
            toast: RwSignal::new(None),
        }
    }

    /// K: how many win.
    pub(super) fn quota(self) -> u64 {
        self.terms.with(|terms| terms.quota)
    }

    /// Takes in news of my standing.
    pub(super) fn apply_standing(self, news: VersionedStanding) {
        self.change_leaderboard(|leaderboard| leaderboard.learn(news));
    }

    /// Takes in a ranking.
    pub(super) fn apply_ranking(self, ranking: RankingView) {
        self.change_leaderboard(|leaderboard| leaderboard.apply_ranking(ranking));
    }

    /// Takes in the campaign as it is now. What has changed of it is told, but not what is on the page
    /// already or is older.
    pub(super) fn apply_edit(self, edited: EditableFields) {
        let old = EditableFields {
            name: self.name.get_untracked(),
            terms: self.terms.get_untracked(),
            schedule: self.schedule.get_untracked(),
        };
        if edited.terms.version < old.terms.version {
            return;
        }
        if edited.schedule != old.schedule {
            self.schedule.set(edited.schedule);
        }
        if edited.terms != old.terms {
            let quota = edited.terms.quota;
            self.terms.set(edited.terms);
            self.change_leaderboard(|leaderboard| leaderboard.quota = quota);
        }
        if edited.name != old.name {
            self.name.set(edited.name);
        }
        self.tell_edits();
    }

    /// Takes in the weight of my account.
    pub(super) fn apply_weight(self, weight: Weight) {
        let old = self.weight.get_untracked();
        if old.is_some_and(|old| old != weight) {
            self.weight.set(Some(weight));
            self.tell_edits();
        }
    }

    /// Holds the ranking on the screen, or lets it go on.
    pub(super) fn pause(self, paused: bool) {
        self.paused.set(paused);
        if !paused {
            self.show();
        }
    }

    /// Tells all that differs from what the reader found when the page was made: of several edits none is
    /// missed.
    fn tell_edits(self) {
        let now = EditableFields {
            name: self.name.get_untracked(),
            terms: self.terms.get_untracked(),
            schedule: self.schedule.get_untracked(),
        };
        let changes = self.original.with_value(|(original, weight)| {
            let mut changes = changes(self.messages, original, &now);
            if let (Some(old), Some(new)) = (*weight, self.weight.get_untracked())
                && old != new
            {
                changes.push(fill(self.messages.edit_weight, &[&old.get().to_string(), &new.get().to_string()]));
            }
            changes
        });
        let told = if changes.is_empty() {
            String::new()
        } else {
            fill(self.messages.edited, &[&changes.join(self.messages.list_separator)])
        };
        if self.edit.with_untracked(|edit| *edit != told) {
            self.edit.set(told);
        }
    }

    fn change_leaderboard(self, change: impl FnOnce(&mut Leaderboard)) {
        let mut leaderboard = self.leaderboard.get_untracked();
        change(&mut leaderboard);
        // The server repeats itself every few seconds; the page need not.
        if self.leaderboard.with_untracked(|current| *current != leaderboard) {
            self.leaderboard.set(leaderboard);
            if !self.paused.get_untracked() {
                self.show();
            }
        }
    }

    /// Brings the newest ranking to the screen.
    fn show(self) {
        #[cfg(feature = "hydrate")]
        super::row_animation::cancel_all();
        self.shown.set(self.leaderboard.get_untracked());
    }
}

/// What was edited, each in a few words. That it was cancelled is told elsewhere.
fn changes(messages: &LiveMessages, old: &EditableFields, new: &EditableFields) -> Vec<String> {
    let mut changes = Vec::new();
    if new.name != old.name {
        changes.push(fill(messages.edit_name, &[&new.name]));
    }
    if new.terms.quota != old.terms.quota {
        changes.push(fill(messages.edit_quota, &[&old.terms.quota.to_string(), &new.terms.quota.to_string()]));
    }
    if new.terms.min_price != old.terms.min_price {
        changes.push(fill(messages.edit_min_price, &[&money(old.terms.min_price), &money(new.terms.min_price)]));
    }
    if new.terms.coefficients != old.terms.coefficients {
        changes.push(messages.edit_scoring.to_owned());
    }
    if new.schedule.start_ms != old.schedule.start_ms {
        changes.push(messages.edit_start.to_owned());
    }
    match new.schedule.end_ms - old.schedule.end_ms {
        0 => {}
        1.. => changes.push(messages.edit_end_later.to_owned()),
        _ => changes.push(messages.edit_end.to_owned()),
    }
    changes
}

//! The signals of the live campaign, and how updates change them.

use crate::{
    campaign_model::{
        forecast_input::forecaster,
        leaderboard::{Leaderboard, Position},
        phase::Phase,
        snapshot::{BidState, CampaignSnapshot, Outcome, RankingView, Schedule, Terms},
        versioned_standing::VersionedStanding,
    },
    format::{count, isolated, money, shortest},
    i18n::IslandMessages,
};
use domain::{CampaignId, Money, UserId, Weight, api::campaigns::Campaign, forecast::Forecaster};
use leptos::prelude::*;

/// The state of the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser has a connection"))]
pub(super) enum ConnectionStatus {
    /// The websocket is being opened for the first time.
    Connecting,
    /// The websocket is open and delivers messages.
    Live,
    /// The websocket is lost, or seems to be, and is being opened again.
    Lost,
    /// The websocket cannot be opened; the page polls.
    Polling,
    /// Polling fails, too.
    Stuck,
    /// The campaign is over; nothing will change.
    Closed,
}

/// Whether the session is still that of the user the page was rendered for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "a session changes in a browser only"))]
pub(super) enum PageSession {
    /// The same user, or still nobody.
    Same,
    /// The session has expired or was ended.
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

impl From<&Campaign> for EditableFields {
    fn from(campaign: &Campaign) -> Self {
        Self { name: campaign.product.name.clone(), terms: Terms::from(campaign), schedule: Schedule::from(campaign) }
    }
}

/// After this time without a message the page counts as stale.
const STALE_MS: i64 = 2_000;

/// Everything that changes on the page.
#[derive(Clone, Copy)]
pub(super) struct CampaignSignals {
    pub(super) messages: &'static IslandMessages,
    pub(super) campaign_id: CampaignId,
    /// The user the page was rendered for, if signed in.
    pub(super) user_id: Option<UserId>,
    pub(super) session: RwSignal<PageSession>,
    /// The user's weight in the score.
    pub(super) weight: RwSignal<Option<Weight>>,
    /// The product's name.
    pub(super) name: RwSignal<String>,
    pub(super) terms: RwSignal<Terms>,
    pub(super) schedule: RwSignal<Schedule>,
    /// What an admin has edited since the page was rendered, in words.
    pub(super) edit_notice: RwSignal<String>,
    /// The values the page was rendered with.
    original: StoredValue<(EditableFields, Option<Weight>)>,
    /// The server's clock, in milliseconds since the Unix epoch.
    pub(super) now_ms: RwSignal<i64>,
    /// The same in whole seconds.
    pub(super) second: Memo<i64>,
    /// How far off that clock may be, in milliseconds; none while that is unknown.
    pub(super) accuracy_ms: RwSignal<Option<u32>>,
    /// When the ranking was last received, by the same clock.
    pub(super) ranking_received_ms: RwSignal<i64>,
    /// The newest ranking, and the user's position in it.
    pub(super) leaderboard: RwSignal<Leaderboard>,
    /// The one on the screen: the newest, unless paused.
    pub(super) shown: RwSignal<Leaderboard>,
    pub(super) paused: RwSignal<bool>,
    /// The user's position; none without a bid, and once the session has changed.
    pub(super) position: Memo<Option<Position>>,
    pub(super) result: RwSignal<Option<Outcome>>,
    pub(super) bid: RwSignal<BidState>,
    pub(super) link: RwSignal<ConnectionStatus>,
    pub(super) phase: Memo<Phase>,
    /// Whether the connection has been lost for a while.
    pub(super) is_stale: Memo<bool>,
    /// Forecasts the bids of the user or, for a visitor, of a new member; recomputed every second and with every change.
    pub(super) forecaster: Memo<Option<Forecaster>>,
    /// The price that gets the user into the winning places, in whole currency units; none if they are there, if no
    /// price suffices, and while nothing is known.
    pub(super) price_to_enter: Memo<Option<Money>>,
    /// The same for the first rank.
    pub(super) price_to_lead: Memo<Option<Money>>,
    /// Whether all rows are shown, not only the top, the user's part and the line.
    pub(super) shows_all: RwSignal<bool>,
    /// Whether the end has been put off during the campaign.
    pub(super) is_extended: Memo<bool>,
    /// News of the organiser, shown for a few seconds.
    pub(super) toast: RwSignal<Option<String>>,
}

#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "updates reach browsers only"))]
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
        let first_end_ms = original.with_value(|(fields, _)| fields.schedule.end_ms);
        let was_extended = snapshot.was_extended;
        let is_extended = Memo::new(move |_| was_extended || schedule.with(|schedule| schedule.end_ms > first_end_ms));
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
        let ranking_received_ms = RwSignal::new(snapshot.server_ms);
        let is_stale = Memo::new(move |_| {
            let is_old = move || now_ms.get() - ranking_received_ms.get() > STALE_MS;
            matches!(phase.get(), Phase::Active | Phase::Settling)
                && match link.get() {
                    ConnectionStatus::Lost => is_old(),
                    // The page says that there is no connection.
                    ConnectionStatus::Stuck => true,
                    _ => false,
                }
        });
        let forecaster = Memo::new(move |_| {
            // A visitor would bid as a new member.
            let weight = if user_id.is_some() { weight.get()? } else { Weight::NEW_USER };
            if is_stale.get() || session.get() != PageSession::Same {
                return None;
            }
            let start_ms = schedule.with(|s| s.start_ms);
            Some(leaderboard.with(|leaderboard| {
                forecaster(&terms.get(), user_id, weight, start_ms, second.get() * 1000, leaderboard)
            }))
        });
        let suggested = move |price: fn(&Forecaster) -> Option<Money>| {
            Memo::new(move |_| {
                // Before the start there is nobody to be measured against.
                let forecast = forecaster.with(|forecaster| forecaster.as_ref().and_then(price));
                forecast.filter(|_| phase.get() == Phase::Active).map(Money::rounded_up_to_unit)
            })
        };
        let (price_to_enter, price_to_lead) =
            (suggested(Forecaster::price_to_enter), suggested(Forecaster::price_to_lead));
        Self {
            messages: snapshot.lang.island_messages(),
            campaign_id: snapshot.campaign_id,
            user_id,
            session,
            weight,
            name: RwSignal::new(snapshot.name),
            terms,
            schedule,
            edit_notice: RwSignal::new(String::new()),
            original,
            now_ms,
            second,
            accuracy_ms: RwSignal::new(None),
            ranking_received_ms,
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
            price_to_enter,
            price_to_lead,
            shows_all: RwSignal::new(false),
            is_extended,
            toast: RwSignal::new(None),
        }
    }

    /// The accuracy of the countdown, in milliseconds; none before the clocks were compared and without a connection.
    pub(super) fn clock_accuracy_ms(self) -> Option<u32> {
        let is_connected = matches!(self.link.get(), ConnectionStatus::Live | ConnectionStatus::Polling);
        self.accuracy_ms.get().filter(|_| is_connected)
    }

    /// K: the number of winners.
    pub(super) fn quota(self) -> u64 {
        self.terms.with(|terms| terms.quota)
    }

    /// Applies an update of the user's standing.
    pub(super) fn apply_standing(self, update: VersionedStanding) {
        self.change_leaderboard(|leaderboard| leaderboard.apply_standing(update));
    }

    /// Applies the user's result of the settled campaign.
    pub(super) fn apply_result(self, outcome: Outcome) {
        if let Some(place) = outcome.place {
            self.change_leaderboard(|leaderboard| leaderboard.apply_final(place));
        }
        self.result.set(Some(outcome));
    }

    /// Applies a ranking.
    pub(super) fn apply_ranking(self, ranking: RankingView) {
        self.change_leaderboard(|leaderboard| leaderboard.apply_ranking(ranking));
    }

    /// Applies the campaign as it is now, unless it is older than the page's, and shows a notice of what was edited.
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
        self.show_edit_notice();
    }

    /// Applies the user's current weight.
    pub(super) fn apply_weight(self, weight: Weight) {
        let old = self.weight.get_untracked();
        if old.is_some_and(|old| old != weight) {
            self.weight.set(Some(weight));
            self.show_edit_notice();
        }
    }

    /// Pauses or resumes the ranking on the screen.
    pub(super) fn pause(self, paused: bool) {
        self.paused.set(paused);
        if !paused {
            self.show();
        }
    }

    /// Shows a notice of everything that differs from the page as it was rendered, so that none of several edits is
    /// missed.
    fn show_edit_notice(self) {
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
                changes.push(self.messages.edit_weight(&shortest(old.get()), &shortest(new.get())));
            }
            changes
        });
        let notice = if changes.is_empty() {
            String::new()
        } else {
            self.messages.edited(&changes.join(self.messages.list_separator))
        };
        if self.edit_notice.with_untracked(|edit| *edit != notice) {
            self.edit_notice.set(notice);
        }
    }

    fn change_leaderboard(self, change: impl FnOnce(&mut Leaderboard)) {
        let mut leaderboard = self.leaderboard.get_untracked();
        change(&mut leaderboard);
        // The server repeats unchanged rankings every two seconds.
        if self.leaderboard.with_untracked(|current| *current != leaderboard) {
            self.leaderboard.set(leaderboard);
            if !self.paused.get_untracked() {
                self.show();
            }
        }
    }

    /// Shows the newest ranking.
    fn show(self) {
        #[cfg(feature = "hydrate")]
        {
            super::row_animation::cancel_all();
            super::row_animation::keep_focus();
        }
        self.shown.set(self.leaderboard.get_untracked());
    }
}

/// What was edited, each in a few words. A cancellation is shown elsewhere.
fn changes(messages: &IslandMessages, old: &EditableFields, new: &EditableFields) -> Vec<String> {
    let mut changes = Vec::new();
    if new.name != old.name {
        changes.push(messages.edit_name(&isolated(&new.name)));
    }
    if new.terms.quota != old.terms.quota {
        changes.push(messages.edit_quota(&count(old.terms.quota), &count(new.terms.quota)));
    }
    if new.terms.min_price != old.terms.min_price {
        changes.push(messages.edit_min_price(&money(old.terms.min_price), &money(new.terms.min_price)));
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

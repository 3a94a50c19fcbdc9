//! The signals behind the live campaign, and what news do to them.

use crate::{
    i18n::LiveTexts,
    live::{
        outlook::outlook,
        phase::Phase,
        snapshot::{BidState, Outcome, RankingView, Schedule, Snapshot, Terms},
        standing::{Source, Standing},
    },
};
use domain::{UserId, assist::Outlook};
use leptos::prelude::*;

/// How the connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser has a connection"))]
pub(super) enum Link {
    /// The websocket is being opened for the first time.
    Connecting,
    /// The websocket is open.
    Live,
    /// The websocket was lost and is being opened again.
    Lost,
    /// The websocket cannot be opened; the page asks every few seconds instead.
    Polling,
    /// Nothing answers.
    Stuck,
    /// Nothing will move any more.
    Closed,
}

/// Everything that changes on the page.
#[derive(Clone, Copy)]
pub(super) struct Live {
    pub(super) texts: &'static LiveTexts,
    pub(super) terms: Terms,
    /// The server's clock, in milliseconds since the Unix epoch.
    pub(super) now_ms: RwSignal<i64>,
    /// Whole seconds of it.
    pub(super) second: Memo<i64>,
    /// How far off that clock may be, in milliseconds; none while nobody knows.
    pub(super) accuracy_ms: RwSignal<Option<u32>>,
    /// When the ranking was last heard, by the same clock.
    pub(super) heard_ms: RwSignal<i64>,
    pub(super) schedule: RwSignal<Schedule>,
    /// The newest ranking.
    pub(super) ranking: RwSignal<RankingView>,
    /// The ranking on the screen: the newest one, unless the reader holds it.
    pub(super) shown: RwSignal<RankingView>,
    pub(super) paused: RwSignal<bool>,
    pub(super) standing: RwSignal<Option<Standing>>,
    pub(super) result: RwSignal<Option<Outcome>>,
    pub(super) bid: RwSignal<BidState>,
    pub(super) link: RwSignal<Link>,
    pub(super) phase: Memo<Phase>,
    /// What my bids would do; anew with every second and every change.
    pub(super) outlook: Memo<Option<Outlook>>,
    pub(super) toast: RwSignal<Option<Toast>>,
}

/// Good or bad news in a sentence.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Toast {
    pub(super) good: bool,
    pub(super) text: String,
}

#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "news come to browsers only"))]
impl Live {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        let now_ms = RwSignal::new(snapshot.server_ms);
        let terms = snapshot.terms;
        let over = snapshot.result.is_some() || snapshot.schedule.status == domain::CampaignStatus::Cancelled;
        let schedule = RwSignal::new(snapshot.schedule);
        let result = RwSignal::new(snapshot.result);
        let ranking = RwSignal::new(snapshot.ranking.clone());
        let standing = RwSignal::new(snapshot.standing);
        let phase = Memo::new(move |_| {
            let settled = result.with(Option::is_some);
            schedule.with(|s| Phase::at(now_ms.get(), s.start_ms, s.end_ms, s.status, settled))
        });
        let second = Memo::new(move |_| now_ms.get().div_euclid(1000));
        let outlook = Memo::new(move |_| {
            let start_ms = schedule.with(|s| s.start_ms);
            ranking.with(|ranking| outlook(&terms, start_ms, second.get() * 1000, ranking, standing.get()))
        });
        Self {
            texts: snapshot.lang.live_texts(),
            terms,
            now_ms,
            second,
            accuracy_ms: RwSignal::new(None),
            heard_ms: RwSignal::new(snapshot.server_ms),
            schedule,
            ranking,
            shown: RwSignal::new(snapshot.ranking),
            paused: RwSignal::new(false),
            standing,
            result,
            bid: RwSignal::new(snapshot.bid),
            link: RwSignal::new(if over { Link::Closed } else { Link::Connecting }),
            phase,
            outlook,
            toast: RwSignal::new(None),
        }
    }

    /// The reader, where signed in.
    pub(super) fn user_id(self) -> Option<UserId> {
        self.terms.me.map(|me| me.user_id)
    }

    /// Takes in news of my standing.
    pub(super) fn learn_standing(self, news: Standing, source: Source) {
        let merged = self.standing.with_untracked(|current| Standing::merge(*current, news, source));
        if self.standing.get_untracked() != Some(merged) {
            self.standing.set(Some(merged));
        }
    }

    /// Takes in my own row of a ranking.
    pub(super) fn learn_own_row(self, ranking: &RankingView) {
        if let Some(row) = ranking.rows.iter().find(|row| Some(row.user_id) == self.user_id()) {
            let news = Standing { rank: row.rank, score: row.score, price: Some(row.price) };
            self.learn_standing(news, Source::Feed);
        }
    }

    /// Takes in a ranking.
    pub(super) fn learn_ranking(self, ranking: RankingView) {
        // The server repeats itself every few seconds; the page need not.
        if self.ranking.with_untracked(|current| *current != ranking) {
            self.ranking.set(ranking);
            if !self.paused.get_untracked() {
                self.show();
            }
        }
    }

    /// Holds the ranking on the screen, or lets it go on.
    pub(super) fn pause(self, paused: bool) {
        self.paused.set(paused);
        if !paused {
            self.show();
        }
    }

    /// Brings the newest ranking to the screen.
    fn show(self) {
        #[cfg(feature = "hydrate")]
        super::motion::rest();
        self.shown.set(self.ranking.get_untracked());
    }
}

//! The signals behind the live campaign, and what each message of the feed does to them.

use crate::{
    i18n::{Lang, Texts},
    live::{
        phase::Phase,
        snapshot::{BidState, RankingView, Snapshot},
        standing::Standing,
    },
};
use domain::{CampaignId, CampaignStatus, Money, Timestamp, UserId, ws::CampaignEnded};
use leptos::prelude::*;

/// How the websocket stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser has a websocket"))]
pub(super) enum Link {
    /// It is being opened for the first time.
    Connecting,
    /// It is open.
    Live,
    /// It was lost and is being opened again.
    Lost,
    /// It could not be opened many times.
    Stuck,
    /// Nothing will move any more.
    Closed,
}

/// What the page shows of the campaign's dates and state.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Schedule {
    pub(super) start_time: Timestamp,
    pub(super) end_time: Timestamp,
    pub(super) status: CampaignStatus,
    pub(super) reason: Option<String>,
}

/// Everything that changes on the page.
#[derive(Clone, Copy)]
pub(super) struct Live {
    pub(super) lang: Lang,
    pub(super) campaign_id: CampaignId,
    pub(super) min_price: Money,
    pub(super) quota: u64,
    pub(super) me: Option<UserId>,
    /// The server's clock, in milliseconds since the Unix epoch.
    pub(super) now_ms: RwSignal<i64>,
    pub(super) schedule: RwSignal<Schedule>,
    pub(super) ranking: RwSignal<RankingView>,
    pub(super) standing: RwSignal<Option<Standing>>,
    pub(super) result: RwSignal<Option<CampaignEnded>>,
    pub(super) bid: RwSignal<BidState>,
    pub(super) link: RwSignal<Link>,
    pub(super) phase: Memo<Phase>,
}

impl Live {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        let now_ms = RwSignal::new(snapshot.server_time.unix_millis());
        let schedule = RwSignal::new(Schedule {
            start_time: snapshot.start_time,
            end_time: snapshot.end_time,
            status: snapshot.status,
            reason: snapshot.cancel_reason,
        });
        let over = snapshot.result.is_some() || snapshot.status == CampaignStatus::Cancelled;
        let result = RwSignal::new(snapshot.result);
        let phase = Memo::new(move |_| {
            let settled = result.with(Option::is_some);
            schedule.with(|s| {
                let (start_ms, end_ms) = (s.start_time.unix_millis(), s.end_time.unix_millis());
                Phase::at(now_ms.get(), start_ms, end_ms, s.status, settled)
            })
        });
        Self {
            lang: snapshot.lang,
            campaign_id: snapshot.campaign_id,
            min_price: snapshot.min_price,
            quota: snapshot.quota,
            me: snapshot.me,
            now_ms,
            schedule,
            ranking: RwSignal::new(snapshot.ranking),
            standing: RwSignal::new(snapshot.standing),
            result,
            bid: RwSignal::new(snapshot.bid),
            link: RwSignal::new(if over { Link::Closed } else { Link::Connecting }),
            phase,
        }
    }

    pub(super) fn texts(self) -> &'static Texts {
        self.lang.texts()
    }

    /// Takes in news of my standing.
    pub(super) fn learn_standing(self, news: Standing, source: crate::live::standing::Source) {
        let merged = self.standing.with_untracked(|current| Standing::merge(*current, news, source));
        if self.standing.get_untracked() != Some(merged) {
            self.standing.set(Some(merged));
        }
    }
}

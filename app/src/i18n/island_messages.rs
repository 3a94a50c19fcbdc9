//! The messages of the live campaign: the only ones compiled into the browser's code.

use crate::{
    campaign_model::price_input::PriceError,
    format::{fill, money},
};
use domain::Money;

/// Messages of the live campaign. `{}` is a placeholder, see [`crate::format::fill`].
pub struct IslandMessages {
    /// Badge of a campaign that has not started.
    pub phase_pending: &'static str,
    /// Badge of a running campaign.
    pub phase_active: &'static str,
    /// Badge of a campaign that is over but not settled.
    pub phase_settling: &'static str,
    /// Badge of a settled campaign.
    pub phase_ended: &'static str,
    /// Badge of a cancelled campaign.
    pub phase_cancelled: &'static str,
    /// Before the countdown to the start.
    pub starts_in: &'static str,
    /// Before the countdown to the end.
    pub ends_in: &'static str,
    /// After the number of days of a countdown.
    pub days_unit: &'static str,
    /// Before the start time.
    pub starts: &'static str,
    /// Before the start time, once it is past.
    pub started: &'static str,
    /// Before the planned start of a campaign cancelled before it.
    pub planned_start: &'static str,
    /// Before the end time.
    pub ends: &'static str,
    /// Before the end time, once it is past.
    pub ended: &'static str,
    /// Before the planned end of a campaign cancelled before it.
    pub planned_end: &'static str,
    /// Before the number of winning places.
    pub quota: &'static str,
    /// Whose clock the countdown follows, with its accuracy in milliseconds.
    pub clock: &'static str,
    /// Whose clock the countdown follows, before its accuracy is known.
    pub clock_unknown: &'static str,
    /// Note between the end and the result.
    pub settling_note: &'static str,
    /// The same without a connection.
    pub settling_unheard: &'static str,
    /// Beside the ranking's line, without a connection.
    pub line_stale: &'static str,
    /// Note on a cancelled campaign.
    pub cancelled_note: &'static str,
    /// The reason of a cancellation.
    pub cancelled_reason: &'static str,
    /// What an admin has edited: a list of the following.
    pub edited: &'static str,
    /// Between the entries of a list.
    pub list_separator: &'static str,
    /// Edited: the product's name.
    pub edit_name: &'static str,
    /// Edited: the quota before and after.
    pub edit_quota: &'static str,
    /// Edited: the minimum price before and after.
    pub edit_min_price: &'static str,
    /// Edited: the coefficients of the score.
    pub edit_scoring: &'static str,
    /// Edited: the start.
    pub edit_start: &'static str,
    /// Edited: a later end.
    pub edit_end_later: &'static str,
    /// Edited: an earlier end.
    pub edit_end: &'static str,
    /// Edited: the reader's weight before and after.
    pub edit_weight: &'static str,
    /// The websocket is being opened.
    pub link_connecting: &'static str,
    /// The websocket is open.
    pub link_live: &'static str,
    /// The websocket was lost.
    pub link_lost: &'static str,
    /// The websocket cannot be opened; the page polls.
    pub link_polling: &'static str,
    /// Neither the websocket nor polling gets a response.
    pub link_stuck: &'static str,
    /// The campaign is over; nothing will change.
    pub link_closed: &'static str,
    /// The age of the ranking, in seconds.
    pub updated: &'static str,
    /// The ranking is up to date.
    pub updated_now: &'static str,
    /// Button that pauses the ranking.
    pub pause: &'static str,
    /// Button that resumes the ranking.
    pub resume: &'static str,
    /// Note while the ranking is paused.
    pub paused: &'static str,
    /// Heading of the bid form.
    pub bid_title: &'static str,
    /// Label of the price.
    pub bid_price: &'static str,
    /// Hint under the price: the minimum.
    pub bid_min: &'static str,
    /// No price was typed.
    pub price_empty: &'static str,
    /// Something other than a number was typed.
    pub price_not_a_number: &'static str,
    /// The typed price is ambiguous.
    pub price_unclear: &'static str,
    /// The price has more than two decimals.
    pub price_decimals: &'static str,
    /// The price is zero or less.
    pub price_not_positive: &'static str,
    /// The price is above the maximum.
    pub price_too_large: &'static str,
    /// Button that sends the bid.
    pub bid_send: &'static str,
    /// Hint under the form.
    pub bid_binding: &'static str,
    /// While a bid is being sent.
    pub bid_sending: &'static str,
    /// No response yet; the bid is being sent again.
    pub bid_retrying: &'static str,
    /// No response until the end of the campaign.
    pub bid_unknown: &'static str,
    /// After a plain form: the bid was accepted, with this price.
    pub bid_stands: &'static str,
    /// After a plain form: the earlier bid remains, with this price.
    pub bid_stood: &'static str,
    /// The bid was accepted: price, rank, score.
    pub bid_accepted: &'static str,
    /// The earlier bid remains: price, rank, score.
    pub bid_kept: &'static str,
    /// When a bid that was too early or too late was received.
    pub bid_late: &'static str,
    /// Note before the start.
    pub bid_not_open: &'static str,
    /// Note after the end.
    pub bid_closed: &'static str,
    /// Link to the sign-in page for visitors.
    pub bid_sign_in: &'static str,
    /// Heading of the forecast.
    pub forecast: &'static str,
    /// Label of the forecast score.
    pub forecast_score: &'static str,
    /// Label of the forecast rank.
    pub forecast_rank: &'static str,
    /// A rank of which only a bound is known.
    pub forecast_after: &'static str,
    /// Before a price is typed.
    pub forecast_none: &'static str,
    /// Without a connection.
    pub forecast_stale: &'static str,
    /// The bid would win as things stand.
    pub forecast_wins: &'static str,
    /// The bid would not win.
    pub forecast_loses: &'static str,
    /// The bid would not improve the standing bid: the lowest price that does.
    pub forecast_useless: &'static str,
    /// No price improves the standing bid.
    pub forecast_useless_ever: &'static str,
    /// Button: the lowest price that enters the first K.
    pub step_enter: &'static str,
    /// Button: the lowest price that leads.
    pub step_lead: &'static str,
    /// In place of the price, if the reader is in the first K.
    pub step_done_enter: &'static str,
    /// In place of the price, if the reader leads.
    pub step_done_lead: &'static str,
    /// In place of the price, if no price suffices.
    pub step_none: &'static str,
    /// Label of the group of suggested prices.
    pub steps: &'static str,
    /// Heading of the confirmation of an unusually high bid.
    pub confirm_title: &'static str,
    /// The confirmation: the price, and the price that leads.
    pub confirm_text: &'static str,
    /// The confirmation if the reader leads: the price.
    pub confirm_text_leading: &'static str,
    /// The confirmation if nothing is known, or if the price would not lead: the price.
    pub confirm_text_plain: &'static str,
    /// Button that confirms, with the price.
    pub confirm_yes: &'static str,
    /// Button that cancels.
    pub confirm_no: &'static str,
    /// Heading of the reader's standing.
    pub standing_title: &'static str,
    /// No standing bid.
    pub standing_none: &'static str,
    /// A bid was accepted; its ranking has not arrived yet.
    pub standing_pending: &'static str,
    /// The session has expired, or is another user's.
    pub standing_unknown: &'static str,
    /// The rank is within the quota.
    pub standing_winning: &'static str,
    /// The rank is outside the quota.
    pub standing_outside: &'static str,
    /// In place of the verdict between the end and the result.
    pub standing_over: &'static str,
    /// In place of the verdict while the connection is lost.
    pub standing_stale: &'static str,
    /// Column heading and label of a rank.
    pub rank: &'static str,
    /// Column heading of bidders.
    pub bidder: &'static str,
    /// Column heading and label of a price.
    pub price: &'static str,
    /// Column heading and label of a score.
    pub score: &'static str,
    /// Badge of the reader's row.
    pub you: &'static str,
    /// For screen readers: ranks gained.
    pub moved_up: &'static str,
    /// For screen readers: ranks lost.
    pub moved_down: &'static str,
    /// Heading of the ranking.
    pub ranking_title: &'static str,
    /// Heading of the ranking once it is final.
    pub winners_title: &'static str,
    /// In place of an empty ranking.
    pub ranking_empty: &'static str,
    /// The number of bidders.
    pub bidders: &'static str,
    /// The line under the last winning rank: K, its score.
    pub line: &'static str,
    /// The line while there are fewer bidders than winning places: how many are free.
    pub line_free: &'static str,
    /// The same after the end.
    pub line_was_free: &'static str,
    /// Distance to the line: the reader is at rank K.
    pub line_on: &'static str,
    /// Distance to the line: points above it.
    pub line_above: &'static str,
    /// Distance to the line: points missing, and the lowest price that enters.
    pub line_below: &'static str,
    /// Distance to the line: points missing, and no price suffices.
    pub line_below_ever: &'static str,
    /// Toast: the reader has entered the first K.
    pub entered: &'static str,
    /// Toast: the reader has dropped out of the first K.
    pub left: &'static str,
    /// Button that closes a toast.
    pub dismiss: &'static str,
    /// Prefix of the page's title: the rank, within the quota.
    pub title_in: &'static str,
    /// Prefix of the page's title: the rank, outside the quota.
    pub title_out: &'static str,
    /// Heading of the result.
    pub result_title: &'static str,
    /// The reader won.
    pub result_won: &'static str,
    /// Details of a win: final rank, score, price.
    pub result_won_detail: &'static str,
    /// The reader did not win.
    pub result_lost: &'static str,
    /// Details without a win: final rank, score.
    pub result_lost_detail: &'static str,
    /// The reader did not bid.
    pub result_no_bid: &'static str,
    /// The lowest winning score.
    pub result_threshold: &'static str,
    /// Fewer than K bidders, so all won.
    pub result_all_won: &'static str,
    /// There were no bids.
    pub result_nobody: &'static str,
    /// The result for visitors.
    pub result_visitor: &'static str,
    /// Link to the reader's orders.
    pub result_orders: &'static str,
    /// Refusal for `NOT_AUTHENTICATED` and `INVALID_TOKEN`.
    pub refused_sign_in: &'static str,
    /// Refusal for `ACCOUNT_INACTIVE`.
    pub refused_inactive: &'static str,
    /// Refusal for `CAMPAIGN_NOT_STARTED`.
    pub refused_not_started: &'static str,
    /// Refusal for `SESSION_CHANGED`.
    pub refused_changed: &'static str,
    /// Refusal for `CAMPAIGN_ENDED`.
    pub refused_ended: &'static str,
    /// Refusal for `CAMPAIGN_CANCELLED`.
    pub refused_cancelled: &'static str,
    /// Refusal for `PRICE_TOO_LOW`: the minimum price.
    pub refused_low: &'static str,
    /// Refusal for `VALIDATION`.
    pub refused_price: &'static str,
    /// Refusal for `RATE_LIMITED`.
    pub refused_often: &'static str,
    /// Refusal for any other error.
    pub refused: &'static str,
}

impl IslandMessages {
    /// Why a typed price does not count.
    pub(crate) fn price_error(&self, problem: PriceError) -> String {
        let text = match problem {
            PriceError::Empty => self.price_empty,
            PriceError::NotANumber => self.price_not_a_number,
            PriceError::Unclear => self.price_unclear,
            PriceError::Decimals => self.price_decimals,
            PriceError::NotPositive => self.price_not_positive,
            PriceError::TooLarge => self.price_too_large,
        };
        fill(text, &[&money(Money::MAX)])
    }
}

pub(super) static EN: IslandMessages = IslandMessages {
    phase_pending: "Upcoming",
    phase_active: "Live",
    phase_settling: "Settling",
    phase_ended: "Ended",
    phase_cancelled: "Cancelled",
    starts_in: "Starts in",
    ends_in: "Ends in",
    days_unit: "d",
    starts: "Starts",
    started: "Started",
    planned_start: "Planned start",
    ends: "Ends",
    ended: "Ended",
    planned_end: "Planned end",
    quota: "Winning places",
    clock: "Server time, accurate to ± {} ms",
    clock_unknown: "Server time",
    settling_note: "Bidding is over. The result is being settled.",
    settling_unheard: "As far as this page knows, time is up. The result will show once the connection is back.",
    line_stale: "Last known ranking",
    cancelled_note: "This campaign was cancelled. Nothing was sold. All bids are void.",
    cancelled_reason: "Reason: {}",
    edited: "Changed by the organiser: {}",
    list_separator: "; ",
    edit_name: "the product is now “{}”",
    edit_quota: "winning places {} → {}",
    edit_min_price: "minimum price {} → {}",
    edit_scoring: "how bids are scored",
    edit_start: "the start time",
    edit_end_later: "the end is later now",
    edit_end: "the end was brought forward",
    edit_weight: "your member weight {} → {}",
    link_connecting: "Connecting",
    link_live: "Connected",
    link_lost: "Reconnecting",
    link_polling: "Updating every few seconds",
    link_stuck: "No connection",
    link_closed: "Final",
    updated: "updated {} s ago",
    updated_now: "updated just now",
    pause: "Freeze list",
    resume: "Resume",
    paused: "List frozen. Bidding continues.",
    bid_title: "Place a bid",
    bid_price: "Your price",
    bid_min: "At least {}",
    price_empty: "Enter a price.",
    price_not_a_number: "Digits only, such as 1200 or 1200.50: no letters, signs or currency.",
    price_unclear: "It is not clear where the cents begin. Write it like 1200 or 1200.50.",
    price_decimals: "At most two decimals, such as 1200.50.",
    price_not_positive: "The price must be more than zero.",
    price_too_large: "The price can be at most {}.",
    bid_send: "Place bid",
    bid_binding: "Bids are binding. You can raise yours, not withdraw it.",
    bid_sending: "Sending your bid",
    bid_retrying: "Not confirmed yet. Retrying; it cannot count twice.",
    bid_unknown: "No answer came before the end. The result shows what counts.",
    bid_stands: "Bid received. {} is your bid.",
    bid_stood: "Your earlier bid of {} is better and still counts.",
    bid_accepted: "Bid received: {}. It was at rank {} when it was accepted, with score {}.",
    bid_kept: "Your earlier bid of {} is better and still counts. It was at rank {} at that moment, with score {}.",
    bid_late: "The server received it at {}.",
    bid_not_open: "Bidding opens at the start.",
    bid_closed: "Bidding is closed.",
    bid_sign_in: "Sign in to bid",
    forecast: "If you bid this now",
    forecast_score: "Score",
    forecast_rank: "Rank",
    forecast_after: "below {}",
    forecast_none: "Type a price to see where it would stand.",
    forecast_stale: "No connection: what a bid would do is not known.",
    forecast_wins: "In the top {}",
    forecast_loses: "Outside the top {}",
    forecast_useless: "This would not improve your standing. From {} on it does.",
    forecast_useless_ever: "No price improves your standing any more.",
    step_enter: "Top {}",
    step_lead: "Lead",
    step_done_enter: "you are in",
    step_done_lead: "you lead",
    step_none: "no price does",
    steps: "Suggested prices",
    confirm_title: "Is this price right?",
    confirm_text: "You are about to bid {}. {} would already lead. A bid binds and cannot be withdrawn.",
    confirm_text_leading: "You are about to bid {}, far above what is needed. A bid binds and cannot be withdrawn.",
    confirm_text_plain: "You are about to bid {}. A bid binds and cannot be withdrawn.",
    confirm_yes: "Bid {}",
    confirm_no: "Change the price",
    standing_title: "My standing",
    standing_none: "You have not bid in this campaign.",
    standing_pending: "Your bid was received. Your place comes with the next ranking.",
    standing_unknown: "Without your session, your place is not known.",
    standing_winning: "Winning",
    standing_outside: "Outbid",
    standing_over: "Bidding is over",
    standing_stale: "Last known place",
    rank: "Rank",
    bidder: "Bidder",
    price: "Price",
    score: "Score",
    you: "You",
    moved_up: "up {}",
    moved_down: "down {}",
    ranking_title: "Ranking",
    winners_title: "Winners",
    ranking_empty: "No bids yet.",
    bidders: "{} bidder|{} bidders",
    line: "Top {} line at {}",
    line_free: "{} winning place is still free|{} winning places are still free",
    line_was_free: "{} winning place stayed free|{} winning places stayed free",
    line_on: "yours is the last winning place",
    line_above: "you are {} above it",
    line_below: "you are {} below it: {} gets in",
    line_below_ever: "you are {} below it",
    entered: "You are in the top {}.",
    left: "Outbid: outside the top {}.",
    dismiss: "Dismiss",
    title_in: "#{}",
    title_out: "Outbid, #{}",
    result_title: "Result",
    result_won: "You won",
    result_won_detail: "Final rank {} with score {}. You pay {}.",
    result_lost: "You did not win",
    result_lost_detail: "Final rank {} with score {}.",
    result_no_bid: "You did not bid in this campaign.",
    result_threshold: "The last winning score was {}.",
    result_all_won: "There were more winning places than bidders: everyone won.",
    result_nobody: "Nobody bid in this campaign.",
    result_visitor: "The result is final.",
    result_orders: "See my orders",
    refused_sign_in: "Please sign in first.",
    refused_inactive: "This account has been deactivated.",
    refused_not_started: "The campaign has not started yet.",
    refused_changed: "You are signed in with another account now. Nothing was bid.",
    refused_ended: "The campaign has ended.",
    refused_cancelled: "The campaign was cancelled.",
    refused_low: "The price must be at least {}.",
    refused_price: "Please check the price.",
    refused_often: "Too many attempts. Please wait a moment.",
    refused: "The bid was not accepted. Please reload the page and try again.",
};

pub(super) static ZH_TW: IslandMessages = IslandMessages {
    phase_pending: "即將開始",
    phase_active: "進行中",
    phase_settling: "結算中",
    phase_ended: "已結束",
    phase_cancelled: "已取消",
    starts_in: "距離開始",
    ends_in: "距離結束",
    days_unit: "天",
    starts: "開始時間",
    started: "開始時間",
    planned_start: "原定開始時間",
    ends: "結束時間",
    ended: "結束時間",
    planned_end: "原定結束時間",
    quota: "得標名額",
    clock: "伺服器時間，誤差 ± {} 毫秒",
    clock_unknown: "伺服器時間",
    settling_note: "競標已結束，正在結算。",
    settling_unheard: "依此頁所知，時間已到。恢復連線後即顯示結果。",
    line_stale: "最後得知的排名",
    cancelled_note: "此活動已取消，不成交，所有出價作廢。",
    cancelled_reason: "原因：{}",
    edited: "主辦方已變更：{}",
    list_separator: "；",
    edit_name: "商品現為「{}」",
    edit_quota: "得標名額 {} → {}",
    edit_min_price: "最低價格 {} → {}",
    edit_scoring: "計分方式",
    edit_start: "開始時間",
    edit_end_later: "結束時間已延後",
    edit_end: "結束時間已提前",
    edit_weight: "您的會員權重 {} → {}",
    link_connecting: "連線中",
    link_live: "已連線",
    link_lost: "重新連線中",
    link_polling: "每隔數秒更新",
    link_stuck: "無法連線",
    link_closed: "最終結果",
    updated: "{} 秒前更新",
    updated_now: "剛剛更新",
    pause: "凍結名單",
    resume: "繼續更新",
    paused: "名單已凍結，競標仍在進行。",
    bid_title: "出價",
    bid_price: "您的出價",
    bid_min: "最低 {}",
    price_empty: "請輸入價格。",
    price_not_a_number: "只能輸入數字，例如 1200 或 1200.50，不含文字、符號或貨幣。",
    price_unclear: "無法判斷小數點的位置，請寫成 1200 或 1200.50。",
    price_decimals: "最多兩位小數，例如 1200.50。",
    price_not_positive: "價格必須大於零。",
    price_too_large: "價格最高為 {}。",
    bid_send: "送出出價",
    bid_binding: "出價後不可撤回，只能加價。",
    bid_sending: "正在送出您的出價",
    bid_retrying: "尚未確認，正在重試，不會重複計算。",
    bid_unknown: "截止前未收到回應，請以結果為準。",
    bid_stands: "已收到您的出價，目前出價為 {}。",
    bid_stood: "您先前的出價 {} 較佳，仍然有效。",
    bid_accepted: "已收到您的出價 {}。接受時排名第 {}，分數 {}。",
    bid_kept: "您先前的出價 {} 較佳，仍然有效。當時排名第 {}，分數 {}。",
    bid_late: "伺服器收到的時間為 {}。",
    bid_not_open: "活動開始後即可出價。",
    bid_closed: "競標已截止。",
    bid_sign_in: "登入後出價",
    forecast: "若現在以此出價",
    forecast_score: "分數",
    forecast_rank: "名次",
    forecast_after: "{} 名之後",
    forecast_none: "輸入價格即可預覽名次。",
    forecast_stale: "連線中斷，無法預估。",
    forecast_wins: "進入前 {} 名",
    forecast_loses: "未進入前 {} 名",
    forecast_useless: "此價格無法改善您的名次，至少需 {}。",
    forecast_useless_ever: "已沒有價格能再改善您的名次。",
    step_enter: "前 {} 名",
    step_lead: "領先",
    step_done_enter: "您已在其中",
    step_done_lead: "您已領先",
    step_none: "無法達成",
    steps: "建議價格",
    confirm_title: "確定是這個價格嗎？",
    confirm_text: "您即將出價 {}，而 {} 即可領先。出價具有約束力，無法撤回。",
    confirm_text_leading: "您即將出價 {}，遠高於所需。出價具有約束力，無法撤回。",
    confirm_text_plain: "您即將出價 {}。出價具有約束力，無法撤回。",
    confirm_yes: "出價 {}",
    confirm_no: "修改價格",
    standing_title: "我的名次",
    standing_none: "您尚未在此活動出價。",
    standing_pending: "已收到您的出價，名次將隨下一次排名更新顯示。",
    standing_unknown: "登入狀態已失效，無法得知您的名次。",
    standing_winning: "目前得標中",
    standing_outside: "已被超越",
    standing_over: "競標已截止",
    standing_stale: "最後得知的名次",
    rank: "名次",
    bidder: "出價者",
    price: "價格",
    score: "分數",
    you: "您",
    moved_up: "上升 {}",
    moved_down: "下降 {}",
    ranking_title: "排名",
    winners_title: "得標名單",
    ranking_empty: "尚無人出價。",
    bidders: "{} 位出價者",
    line: "前 {} 名門檻 {}",
    line_free: "尚有 {} 個得標名額",
    line_was_free: "{} 個得標名額未售出",
    line_on: "您正是最後一個得標名額",
    line_above: "您高出 {} 分",
    line_below: "您低於門檻 {} 分：出價 {} 即可進入",
    line_below_ever: "您低於門檻 {} 分",
    entered: "您已進入前 {} 名。",
    left: "已被超越：未進前 {} 名。",
    dismiss: "關閉",
    title_in: "第 {} 名",
    title_out: "被超越，第 {} 名",
    result_title: "結果",
    result_won: "您得標了",
    result_won_detail: "最終排名第 {}，分數 {}，應付金額 {}。",
    result_lost: "您未得標",
    result_lost_detail: "最終排名第 {}，分數 {}。",
    result_no_bid: "您未在此活動出價。",
    result_threshold: "最低得標分數為 {}。",
    result_all_won: "得標名額多於出價者，所有出價者皆得標。",
    result_nobody: "本活動無人出價。",
    result_visitor: "結果已確定。",
    result_orders: "查看我的訂單",
    refused_sign_in: "請先登入。",
    refused_inactive: "此帳號已停用。",
    refused_not_started: "活動尚未開始。",
    refused_changed: "您目前以另一個帳號登入，未送出任何出價。",
    refused_ended: "活動已結束。",
    refused_cancelled: "活動已取消。",
    refused_low: "出價不得低於 {}。",
    refused_price: "請檢查您輸入的價格。",
    refused_often: "嘗試次數過多，請稍候再試。",
    refused: "出價未被接受，請重新載入頁面後再試。",
};

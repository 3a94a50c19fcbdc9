//! The messages of the live campaign: the only ones compiled into the browser's code.

use super::catalog::catalog;
use crate::{campaign_model::price_input::PriceError, format::money, lang::Lang};
use domain::Money;

catalog! {
    /// Messages of the live campaign.
    IslandMessages
    texts {
        /// Badge of a campaign that has not started.
        phase_pending: "Upcoming", "即將開始";
        /// Badge of a running campaign.
        phase_active: "Live", "進行中";
        /// Badge of a campaign that is over but not settled.
        phase_settling: "Settling", "結算中";
        /// Badge of a settled campaign.
        phase_ended: "Ended", "已結束";
        /// Badge of a cancelled campaign.
        phase_cancelled: "Cancelled", "已取消";
        /// Before the countdown to the start.
        starts_in: "Starts in", "距離開始";
        /// Before the countdown to the end.
        ends_in: "Ends in", "距離結束";
        /// Beside the countdown, after the end was moved to a later time.
        extended: "Extended", "已延長";
        /// After the number of days of a countdown.
        days_unit: "d", "天";
        /// Heading of the campaign's dates, places and minimum price.
        facts_title: "About this campaign", "活動資訊";
        /// Label of the start time.
        starts: "Starts", "開始時間";
        /// Label of a start time that is past.
        started: "Started", "開始時間";
        /// Label of the planned start of a campaign cancelled before it.
        planned_start: "Planned start", "原定開始時間";
        /// Label of the end time.
        ends: "Ends", "結束時間";
        /// Label of an end time that is past.
        ended: "Ended", "結束時間";
        /// Label of the planned end of a campaign cancelled before it.
        planned_end: "Planned end", "原定結束時間";
        /// Label of the number of winning places.
        quota: "Winning places", "得標名額";
        /// Label of the minimum price.
        min_price: "Minimum price", "最低價格";
        /// Whose clock the countdown follows, before its accuracy is known.
        clock_unknown: "Our clock", "伺服器時間";
        /// Heading of what to do before the start.
        lobby_title: "Before the start", "開始前";
        /// Done: the reader is signed in.
        lobby_signed_in: "You are signed in", "您已登入";
        /// To do: sign in.
        lobby_sign_in: "Sign in, so that you can bid at once", "請先登入，開始後即可出價";
        /// Done: the countdown follows the server's clock.
        lobby_clock: "The countdown is in step with our clock", "倒數已與伺服器時間同步";
        /// The clock has not been compared yet.
        lobby_clock_unknown: "Comparing clocks", "正在校對時間";
        /// Link to the rules.
        lobby_rules: "See how bids are ranked", "了解排名方式";
        /// Link to the calendar file.
        calendar: "Add to calendar", "加入行事曆";
        /// Note between the end and the result.
        settling_note: "Bidding is over. The result is on its way.", "競標已結束，結果即將公布。";
        /// The same without a connection.
        settling_unheard: "As far as this page knows, time is up. The result will show once the connection is back.", "依此頁所知，時間已到。恢復連線後即顯示結果。";
        /// Beside the ranking's line, without a connection.
        line_stale: "Last known ranking", "最後得知的排名";
        /// Note on a cancelled campaign.
        cancelled_note: "This campaign was cancelled. Nothing was sold. All bids are void.", "此活動已取消，不成交，所有出價作廢。";
        /// Between the entries of a list.
        list_separator: "; ", "；";
        /// Edited: the coefficients of the score.
        edit_scoring: "how bids are scored", "計分方式";
        /// Edited: the start.
        edit_start: "the start time", "開始時間";
        /// Edited: a later end.
        edit_end_later: "the end is later now", "結束時間已延後";
        /// Edited: an earlier end.
        edit_end: "the end was brought forward", "結束時間已提前";
        /// The websocket is being opened.
        link_connecting: "Connecting", "連線中";
        /// The websocket is open.
        link_live: "Connected", "已連線";
        /// The websocket was lost.
        link_lost: "Reconnecting", "重新連線中";
        /// The websocket cannot be opened; the page polls.
        link_polling: "Updating every few seconds", "每隔數秒更新";
        /// Neither the websocket nor polling gets a response.
        link_stuck: "No connection", "無法連線";
        /// Button that pauses the ranking.
        pause: "Freeze list", "凍結名單";
        /// Button that resumes the ranking.
        resume: "Resume", "繼續更新";
        /// Note while the ranking is paused.
        paused: "List frozen. Bidding continues.", "名單已凍結，競標仍在進行。";
        /// Heading of the bid form.
        bid_title: "Place a bid", "出價";
        /// Label of the price.
        bid_price: "Your price", "您的出價";
        /// No price was typed.
        price_empty: "Enter a price.", "請輸入價格。";
        /// Something other than a number was typed.
        price_not_a_number: "Digits only, such as 1200 or 1200.50: no letters, signs or currency.", "只能輸入數字，例如 1200 或 1200.50，不含文字、符號或貨幣。";
        /// The typed price is ambiguous.
        price_unclear: "It is not clear where the cents begin. Write it like 1200 or 1200.50.", "無法判斷小數點的位置，請寫成 1200 或 1200.50。";
        /// The price has more than two decimals.
        price_decimals: "At most two decimals, such as 1200.50.", "最多兩位小數，例如 1200.50。";
        /// The price is zero or less.
        price_not_positive: "The price must be more than zero.", "價格必須大於零。";
        /// Button that sends the bid, before a price is typed.
        bid_send: "Place bid", "送出出價";
        /// Hint under the form.
        bid_binding: "Bids are binding. You can raise yours, not withdraw it.", "出價後不可撤回，只能加價。";
        /// While a bid is being sent.
        bid_sending: "Sending your bid", "正在送出您的出價";
        /// No response yet; the bid is being sent again.
        bid_retrying: "Not confirmed yet. Retrying; it cannot count twice.", "尚未確認，正在重試，不會重複計算。";
        /// No response until the end of the campaign.
        bid_unknown: "No answer came before the end. The result shows what counts.", "截止前未收到回應，請以結果為準。";
        /// Note before the start.
        bid_not_open: "Bidding opens at the start.", "活動開始後即可出價。";
        /// Note after the end.
        bid_closed: "Bidding is closed.", "競標已截止。";
        /// Link to the sign-in page for visitors.
        bid_sign_in: "Sign in to bid", "登入後出價";
        /// Without a connection.
        forecast_stale: "No connection: what a bid would do is not known.", "連線中斷，無法預估。";
        /// No price improves the standing bid.
        forecast_useless_ever: "No price improves your bid any more.", "已沒有價格能再改善您的名次。";
        /// Button: the lowest price that enters the first K.
        step_enter: "Get in", "入圍";
        /// Button: a round price above the current one.
        step_raise: "Raise", "加價";
        /// Button: the lowest price that leads.
        step_lead: "Lead", "領先";
        /// In place of the price, if the reader is in the first K.
        step_done_enter: "You're in", "已入圍";
        /// In place of the price, if the reader leads.
        step_done_lead: "You lead", "已領先";
        /// In place of the price, if no price suffices.
        step_none: "Out of reach", "無法達成";
        /// Label of the group of suggested prices.
        steps: "Suggested prices", "建議價格";
        /// Heading of the confirmation of an unusually high bid.
        confirm_title: "Is this price right?", "確定是這個價格嗎？";
        /// Button that keeps a bid from being sent at the start.
        disarm: "Don't place it", "取消送出";
        /// Button that cancels.
        confirm_no: "Change the price", "修改價格";
        /// Heading of the reader's standing, for screen readers.
        standing_title: "Your standing", "您的名次";
        /// No standing bid.
        standing_none: "No bid yet", "尚未出價";
        /// A bid was accepted; its ranking has not arrived yet.
        standing_pending: "Bid received", "已收到出價";
        /// It is not known whether the reader's bid counts.
        standing_unconfirmed: "Not confirmed yet", "尚未確認";
        /// The session has expired, or is another user's.
        standing_unknown: "Without your session, your place is not known.", "登入狀態已失效，無法得知您的名次。";
        /// The rank is within the quota.
        standing_winning: "Winning", "目前得標中";
        /// The rank is outside the quota.
        standing_outside: "Outbid", "已被超越";
        /// In place of the verdict between the end and the result.
        standing_over: "Bidding is over", "競標已截止";
        /// In place of the verdict while the connection is lost.
        standing_stale: "Last known place", "最後得知的名次";
        /// Column heading and label of a rank.
        rank: "Rank", "名次";
        /// Column heading of bidders.
        bidder: "Bidder", "出價者";
        /// Column heading and label of a price.
        price: "Price", "價格";
        /// Column heading of scores.
        score: "Points", "分數";
        /// Badge of the reader's row.
        you: "You", "您";
        /// Heading of the ranking.
        ranking_title: "Ranking", "排名";
        /// Heading of the ranking once it is final.
        winners_title: "Winners", "得標名單";
        /// In place of an empty ranking of a running campaign.
        ranking_empty: "No bids yet.", "尚無人出價。";
        /// In place of an empty ranking after the end.
        ranking_was_empty: "Nobody bid.", "無人出價。";
        /// Button that shows only the top, the reader's part and the line.
        show_fewer: "Show fewer", "顯示部分";
        /// The line under the last winning rank, with the reader on it.
        line_on: "yours is the last winning place", "您正是最後一個得標名額";
        /// Button that closes a dialog or a notification.
        dismiss: "Close", "關閉";
        /// Heading of the result.
        result_title: "Result", "結果";
        /// The reader won.
        result_won: "You won", "您得標了";
        /// The reader did not win.
        result_lost: "You did not win", "您未得標";
        /// The reader did not bid.
        result_no_bid: "You did not bid in this campaign.", "您未在此活動出價。";
        /// Fewer than K bidders, so all won.
        result_all_won: "There were more winning places than bidders: everyone won.", "得標名額多於出價者，所有出價者皆得標。";
        /// There were no bids.
        result_nobody: "Nobody bid in this campaign.", "本活動無人出價。";
        /// The result for visitors.
        result_visitor: "The result is final.", "結果已確定。";
        /// Link to the reader's orders.
        result_orders: "See my orders", "查看我的訂單";
        /// Link to running campaigns, after a campaign was not won.
        result_live: "See what is live", "查看進行中的活動";
        /// Refusal for `NOT_AUTHENTICATED` and `INVALID_TOKEN`.
        refused_sign_in: "Please sign in first.", "請先登入。";
        /// Refusal for `ACCOUNT_INACTIVE`.
        refused_inactive: "This account has been deactivated.", "此帳號已停用。";
        /// Refusal for `CAMPAIGN_NOT_STARTED`.
        refused_not_started: "The campaign has not started yet.", "活動尚未開始。";
        /// Refusal for `SESSION_CHANGED`.
        refused_changed: "You are signed in with another account now. Nothing was bid.", "您目前以另一個帳號登入，未送出任何出價。";
        /// Refusal for `CAMPAIGN_ENDED`.
        refused_ended: "The campaign has ended.", "活動已結束。";
        /// Refusal for `CAMPAIGN_CANCELLED`.
        refused_cancelled: "The campaign was cancelled.", "活動已取消。";
        /// Refusal for `VALIDATION`.
        refused_price: "Please check the price.", "請檢查您輸入的價格。";
        /// Refusal for `RATE_LIMITED`.
        refused_often: "Too many attempts. Please wait a moment.", "嘗試次數過多，請稍候再試。";
        /// Refusal for any other error.
        refused: "The bid was not accepted. Please reload the page and try again.", "出價未被接受，請重新載入頁面後再試。";
    }
    templates {
        /// Whose clock the countdown follows, with its accuracy.
        clock(millis): "Our clock, ± {millis} ms", "伺服器時間，± {millis} 毫秒";
        /// The reason of a cancellation.
        cancelled_reason(reason): "Reason: {reason}", "原因：{reason}";
        /// What an admin has edited.
        edited(changes): "Changed by the organiser: {changes}", "主辦方已變更：{changes}";
        /// Edited: the product's name.
        edit_name(name): "the product is now “{name}”", "商品現為「{name}」";
        /// Edited: the quota.
        edit_quota(before, after): "winning places {before} → {after}", "得標名額 {before} → {after}";
        /// Edited: the minimum price.
        edit_min_price(before, after): "minimum price {before} → {after}", "最低價格 {before} → {after}";
        /// Edited: the reader's weight.
        edit_weight(before, after): "your member weight {before} → {after}", "您的會員權重 {before} → {after}";
        /// The age of a ranking that is late.
        updated(seconds): "updated {seconds} s ago", "{seconds} 秒前更新";
        /// Hint under the price: the minimum.
        bid_min(price): "Minimum {price}", "最低 {price}";
        /// Hint under the price, when the minimum no longer wins.
        bid_min_to_enter(minimum, price): "Minimum {minimum} · to get in: {price}", "最低 {minimum}・入圍需 {price}";
        /// Hint under the price for an outbid bidder.
        bid_to_enter(price): "To get in: {price}", "入圍需 {price}";
        /// Hint under the price for a bidder who wins as things stand.
        bid_to_improve(price): "{price} raises your bid", "出價 {price} 即可加價";
        /// The price is above the maximum.
        price_too_large(maximum): "The price can be at most {maximum}.", "價格最高為 {maximum}。";
        /// Button that has the bid sent at the start.
        arm(price): "Bid {price} at the start", "開始時出價 {price}";
        /// Confirmation of that.
        arm_text(price): "Your bid of {price} will be placed at the start if this page is still open. It is then binding.", "活動開始時，若此頁仍開啟，將自動出價 {price}，送出後不可撤回。";
        /// Note that a bid will be sent at the start.
        armed(price): "Your bid of {price} will be placed at the start. Keep this page open.", "活動開始時將自動出價 {price}，請保持此頁開啟。";
        /// It could not be sent at the start.
        bid_dropped(price): "Your bid of {price} was not placed.", "未送出您 {price} 的出價。";
        /// Button that sends the bid.
        bid_send_price(price): "Bid {price}", "出價 {price}";
        /// The bid was accepted.
        bid_accepted(price): "Bid received: {price}", "已收到您的出價 {price}";
        /// The bid was accepted, with its time.
        bid_accepted_at(price, time): "Bid received: {price} · {time}", "已收到您的出價 {price}（{time}）";
        /// The earlier bid remains.
        bid_kept(price): "Nothing changed: your earlier bid of {price} is better.", "未變更：您先前的出價 {price} 較佳。";
        /// When a bid that was too early or too late was received.
        bid_late(time): "The server received it at {time}.", "伺服器收到的時間為 {time}。";
        /// The bid would win as things stand.
        forecast_wins(place): "At this price: {place}", "以此價格預估：{place}";
        /// The bid would not win.
        forecast_loses(rank, places): "At this price: {rank}, outside the top {places}", "以此價格預估：{rank}，未進前 {places} 名";
        /// The bid would not improve the standing bid: the lowest price that does.
        forecast_useless(price): "This does not improve your bid; {price} does.", "無法改善您目前的出價，{price} 即可。";
        /// The confirmation, if less would lead.
        confirm_text(price, lead): "You are about to bid {price}. {lead} would already lead. Bids are binding and cannot be withdrawn.", "您即將出價 {price}，而 {lead} 即可領先。出價後不可撤回。";
        /// The confirmation if the reader leads.
        confirm_text_leading(price): "You are about to bid {price}, far above what is needed. Bids are binding and cannot be withdrawn.", "您即將出價 {price}，遠高於所需。出價後不可撤回。";
        /// The confirmation if nothing is known, or if the price would not lead.
        confirm_text_plain(price): "You are about to bid {price}. Bids are binding and cannot be withdrawn.", "您即將出價 {price}。出價後不可撤回。";
        /// A rank that may be lower.
        below(rank): "below {rank}", "{rank}之後";
        /// The same for visitors: others may have a larger weight.
        price_enters_new(price): "{price} gets a new member in", "新會員出價 {price} 即可入圍";
        /// What it takes to win.
        price_enters(price): "{price} gets you in", "出價 {price} 即可入圍";
        /// The reader's standing bid.
        my_bid(price, points): "Your bid {price} · {points} points", "您的出價 {price} · {points} 分";
        /// For screen readers: ranks gained.
        moved_up(places): "up {places}", "上升 {places}";
        /// For screen readers: ranks lost.
        moved_down(places): "down {places}", "下降 {places}";
        /// Button that shows all rows that are here.
        show_rows(rows): "Show the first {rows}", "顯示前 {rows} 名";
        /// The line under the last winning rank.
        line(place): "{place} is the last winning place", "{place}為最後得標名次";
        /// The same, with what it takes to get in.
        line_enter(place, price): "{place} place. You need {price} to get in.", "{place}門檻。出價 {price} 即可入圍。";
        /// Prefix of the page's title: the rank, within the quota.
        title_in(rank): "Winning, {rank}", "得標中・{rank}";
        /// Prefix of the page's title: the rank, outside the quota.
        title_out(rank): "Outbid, {rank}", "被超越・{rank}";
        /// The reader's final rank.
        result_rank(rank): "You finished {rank}.", "最終排名{rank}。";
        /// What a loser would have had to bid.
        result_would_have_won(price): "At the time of your bid, {price} would have won.", "以您出價的時間，{price} 即可得標。";
        /// What a winner pays.
        result_pays(price): "You pay {price}", "應付 {price}";
        /// The price of a bid that did not win.
        result_bid(price): "Your bid: {price}", "您的出價：{price}";
        /// The lowest winning score.
        result_threshold(points): "The last winning bid had {points} points.", "最後一筆得標出價為 {points} 分。";
        /// Refusal for `PRICE_TOO_LOW`.
        refused_low(minimum): "The price must be at least {minimum}.", "出價不得低於 {minimum}。";
        /// Dialog about a row: its price in points.
        points_price(points): "Price: {points} points", "價格得分：{points}";
        /// Dialog about a row: the bonuses for the member's weight and for speed, in points.
        points_bonus(points): "Member and speed bonus: {points} points", "會員與速度加分：{points}";
        /// Dialog about a row: the sum.
        points_total(points): "Total: {points} points", "總分：{points}";
    }
    counts {
        /// The number of bidders.
        bidders(count): "{count} bidder", "{count} bidders", "{count} 位出價者";
        /// A gap in the ranking: how many bidders are not shown.
        gap(count): "{count} more", "{count} more", "其他 {count} 位";
        /// The line while there are fewer bidders than winning places.
        line_free(count): "{count} winning place is free", "{count} winning places are free", "尚有 {count} 個得標名額";
        /// The same after the end.
        line_was_free(count): "{count} winning place stayed free", "{count} winning places stayed free", "{count} 個得標名額未售出";
    }
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
            PriceError::TooLarge => return self.price_too_large(&money(Money::MAX)),
        };
        text.to_owned()
    }

    /// A rank and the number of winning places: `3rd of 10 places`.
    pub fn rank_of(&self, rank: &str, places: u64) -> String {
        let count = crate::format::count(places);
        match self.lang {
            Lang::En if places == 1 => format!("{rank} of 1 place"),
            Lang::En => format!("{rank} of {count} places"),
            Lang::ZhTw => format!("{rank}（名額 {count}）"),
        }
    }

    /// A rank within a sentence: `3rd`, `第 3 名`.
    pub fn ordinal(&self, rank: u64) -> String {
        let number = crate::format::count(rank);
        match self.lang {
            Lang::En => number + english_suffix(rank),
            Lang::ZhTw => format!("第 {number} 名"),
        }
    }
}

fn english_suffix(number: u64) -> &'static str {
    match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_ordinal_numbers() {
        let text = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 1_003].map(|rank| EN.ordinal(rank));
        let expected = "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th 1,003rd";
        assert_eq!(text.join(" "), expected);
        assert_eq!(ZH_TW.ordinal(3), "第 3 名");
        assert_eq!(EN.rank_of("1st", 1), "1st of 1 place");
        assert_eq!(EN.rank_of("3rd", 1_000), "3rd of 1,000 places");
    }

    #[test]
    fn values_and_counts_are_put_into_their_texts() {
        assert_eq!(EN.edit_quota("5", "1"), "winning places 5 → 1");
        assert_eq!(EN.line_free(1), "1 winning place is free");
        assert_eq!(EN.line_free(1_000), "1,000 winning places are free");
        assert_eq!(ZH_TW.line_free(2), "尚有 2 個得標名額");
    }
}

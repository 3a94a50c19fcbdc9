//! The texts of the islands.

/// What islands say. `{}` stands for a value, see [`crate::format::fill`].
pub struct Texts {
    /// Phase: not started.
    pub phase_pending: &'static str,
    /// Phase: taking bids.
    pub phase_active: &'static str,
    /// Phase: over, no result yet.
    pub phase_settling: &'static str,
    /// Phase: settled.
    pub phase_ended: &'static str,
    /// Phase: called off.
    pub phase_cancelled: &'static str,
    /// Before the countdown to the start.
    pub starts_in: &'static str,
    /// Before the countdown to the end.
    pub ends_in: &'static str,
    /// After the number of days of a countdown.
    pub days_unit: &'static str,
    /// Before the start time.
    pub starts: &'static str,
    /// Before the end time.
    pub ends: &'static str,
    /// Before the number of winning places.
    pub quota: &'static str,
    /// Between the end and the result.
    pub settling_note: &'static str,
    /// A cancelled campaign.
    pub cancelled_note: &'static str,
    /// Why it was cancelled.
    pub cancelled_reason: &'static str,
    /// The websocket is being opened.
    pub link_connecting: &'static str,
    /// The websocket is open.
    pub link_live: &'static str,
    /// The websocket was lost.
    pub link_lost: &'static str,
    /// The websocket cannot be opened again and again.
    pub link_stuck: &'static str,
    /// The campaign is over, nothing moves any more.
    pub link_closed: &'static str,
    /// Heading of the bid form.
    pub bid_title: &'static str,
    /// Label of the price.
    pub bid_price: &'static str,
    /// Hint under the price.
    pub bid_min: &'static str,
    /// The button.
    pub bid_send: &'static str,
    /// While a bid is on its way.
    pub bid_sending: &'static str,
    /// Hint under the form.
    pub bid_binding: &'static str,
    /// The bid stands: price, rank, score.
    pub bid_accepted: &'static str,
    /// The earlier bid stands on: price, rank, score.
    pub bid_kept: &'static str,
    /// No answer came.
    pub bid_unanswered: &'static str,
    /// Before the start.
    pub bid_not_open: &'static str,
    /// After the end.
    pub bid_closed: &'static str,
    /// Link for visitors.
    pub bid_sign_in: &'static str,
    /// Heading of my standing.
    pub standing_title: &'static str,
    /// No standing bid.
    pub standing_none: &'static str,
    /// The rank is within the quota.
    pub standing_winning: &'static str,
    /// The rank is outside the quota.
    pub standing_outside: &'static str,
    /// Column and label.
    pub rank: &'static str,
    /// Column.
    pub bidder: &'static str,
    /// Column and label.
    pub price: &'static str,
    /// Column and label.
    pub score: &'static str,
    /// Marks my row.
    pub you: &'static str,
    /// Heading of the ranking.
    pub ranking_title: &'static str,
    /// No bids.
    pub ranking_empty: &'static str,
    /// How many bidders.
    pub bidders: &'static str,
    /// The K-th score.
    pub threshold: &'static str,
    /// Fewer bidders than winning places.
    pub threshold_none: &'static str,
    /// Heading of the result.
    pub result_title: &'static str,
    /// I won.
    pub result_won: &'static str,
    /// Final rank, score, price.
    pub result_won_detail: &'static str,
    /// I did not win.
    pub result_lost: &'static str,
    /// Final rank, score.
    pub result_lost_detail: &'static str,
    /// I did not bid.
    pub result_no_bid: &'static str,
    /// The last winning score.
    pub result_threshold: &'static str,
    /// For visitors.
    pub result_visitor: &'static str,
    /// Link to my orders.
    pub result_orders: &'static str,
    /// A form is on its way.
    pub form_sending: &'static str,
    /// No answer to a form.
    pub form_unanswered: &'static str,
    /// 401.
    pub error_not_signed_in: &'static str,
    /// `BAD_CREDENTIALS`.
    pub error_bad_credentials: &'static str,
    /// `ACCOUNT_INACTIVE`.
    pub error_account_inactive: &'static str,
    /// `ADMIN_REQUIRED`.
    pub error_admin_required: &'static str,
    /// `CROSS_ORIGIN`.
    pub error_cross_origin: &'static str,
    /// `EMAIL_TAKEN`.
    pub error_email_taken: &'static str,
    /// `NOT_FOUND`.
    pub error_not_found: &'static str,
    /// `PRODUCT_NOT_FOUND`.
    pub error_product_not_found: &'static str,
    /// `CAMPAIGN_NOT_FOUND`.
    pub error_campaign_not_found: &'static str,
    /// `CAMPAIGN_NOT_STARTED`.
    pub error_campaign_not_started: &'static str,
    /// `CAMPAIGN_ENDED`.
    pub error_campaign_ended: &'static str,
    /// `CAMPAIGN_CANCELLED`.
    pub error_campaign_cancelled: &'static str,
    /// `PRICE_TOO_LOW`.
    pub error_price_low: &'static str,
    /// `PRICE_TOO_LOW` with the least price.
    pub error_price_too_low: &'static str,
    /// `INSUFFICIENT_STOCK`.
    pub error_insufficient_stock: &'static str,
    /// `CONFLICT`.
    pub error_conflict: &'static str,
    /// `VALIDATION`.
    pub error_validation: &'static str,
    /// `RATE_LIMITED`.
    pub error_rate_limited: &'static str,
    /// `OVERLOADED`.
    pub error_overloaded: &'static str,
    /// `INTERNAL`.
    pub error_internal: &'static str,
    /// `UNAVAILABLE`.
    pub error_unavailable: &'static str,
    /// Field rule.
    pub rule_email: &'static str,
    /// Field rule.
    pub rule_password: &'static str,
    /// Field rule.
    pub rule_username: &'static str,
    /// Field rule.
    pub rule_product_name: &'static str,
    /// Field rule.
    pub rule_description: &'static str,
    /// Field rule.
    pub rule_image_url: &'static str,
    /// Field rule.
    pub rule_stock: &'static str,
    /// Field rule.
    pub rule_money: &'static str,
    /// Field rule.
    pub rule_product: &'static str,
    /// Field rule.
    pub rule_start_time: &'static str,
    /// Field rule.
    pub rule_end_time: &'static str,
    /// Field rule.
    pub rule_coefficient: &'static str,
    /// Field rule.
    pub rule_quota: &'static str,
}

pub(super) static EN: Texts = Texts {
    phase_pending: "Upcoming",
    phase_active: "Live",
    phase_settling: "Settling",
    phase_ended: "Ended",
    phase_cancelled: "Cancelled",
    starts_in: "Starts in",
    ends_in: "Ends in",
    days_unit: "d",
    starts: "Starts",
    ends: "Ends",
    quota: "Winning places",
    settling_note: "Bidding is over. The winners are being settled.",
    cancelled_note: "This campaign was cancelled. It sells nothing and no bid binds any more.",
    cancelled_reason: "Reason: {}",
    link_connecting: "Connecting to live updates",
    link_live: "Live updates",
    link_lost: "Connection lost, reconnecting",
    link_stuck: "Live updates cannot be reached. Please reload the page.",
    link_closed: "Final",
    bid_title: "Place a bid",
    bid_price: "Your price",
    bid_min: "At least {}",
    bid_send: "Place bid",
    bid_sending: "Sending your bid",
    bid_binding: "A bid binds: it can be improved, not withdrawn.",
    bid_accepted: "Accepted. Your bid of {} is at rank {} with score {}.",
    bid_kept: "Your standing bid was better and stays: {} at rank {} with score {}.",
    bid_unanswered: "No answer from the server, so your bid may or may not have been accepted. Sending it again is safe.",
    bid_not_open: "Bidding opens at the start.",
    bid_closed: "Bidding is closed.",
    bid_sign_in: "Sign in to bid",
    standing_title: "My standing",
    standing_none: "You have not bid in this campaign.",
    standing_winning: "In a winning place",
    standing_outside: "Outside the winning places",
    rank: "Rank",
    bidder: "Bidder",
    price: "Price",
    score: "Score",
    you: "You",
    ranking_title: "Ranking",
    ranking_empty: "No bids yet.",
    bidders: "{} bidders",
    threshold: "Lowest winning score {}",
    threshold_none: "Winning places are still free",
    result_title: "Result",
    result_won: "You won",
    result_won_detail: "Final rank {} with score {}. You pay {}.",
    result_lost: "You did not win",
    result_lost_detail: "Final rank {} with score {}.",
    result_no_bid: "You did not bid in this campaign.",
    result_threshold: "The last winning score was {}.",
    result_visitor: "The winners are fixed.",
    result_orders: "See my orders",
    form_sending: "Sending",
    form_unanswered: "No answer from the server. Please try again.",
    error_not_signed_in: "Please sign in first.",
    error_bad_credentials: "The e-mail or the password is wrong.",
    error_account_inactive: "This account has been deactivated.",
    error_admin_required: "Only administrators may do this.",
    error_cross_origin: "The request came from another site.",
    error_email_taken: "There is an account with this e-mail already.",
    error_not_found: "There is nothing here.",
    error_product_not_found: "This product does not exist.",
    error_campaign_not_found: "This campaign does not exist.",
    error_campaign_not_started: "The campaign has not started yet.",
    error_campaign_ended: "The campaign has ended.",
    error_campaign_cancelled: "The campaign was cancelled.",
    error_price_low: "The price is under the minimum.",
    error_price_too_low: "The price must be at least {}.",
    error_insufficient_stock: "The product's stock is promised to other campaigns.",
    error_conflict: "This is no longer possible. Please reload the page.",
    error_validation: "Please check what you have entered.",
    error_rate_limited: "Too many attempts. Please wait a moment.",
    error_overloaded: "The server is very busy and has not accepted this. Please try again.",
    error_internal: "Something went wrong on our side.",
    error_unavailable: "The service cannot be reached right now. Please try again.",
    rule_email: "Enter an e-mail address.",
    rule_password: "8 to 128 characters.",
    rule_username: "1 to 100 characters.",
    rule_product_name: "1 to 255 characters.",
    rule_description: "At most 10,000 characters.",
    rule_image_url: "An http or https address, or a path on this server.",
    rule_stock: "A whole number from 0 to 1,000,000.",
    rule_money: "An amount of at least 0.01 with at most two decimals.",
    rule_product: "Choose a product.",
    rule_start_time: "A date and time, in UTC.",
    rule_end_time: "A date and time in UTC: in the future, and at most 366 days after the start.",
    rule_coefficient: "A number from 0 to 100,000.",
    rule_quota: "A whole number from 1 to the available stock.",
};

pub(super) static ZH_TW: Texts = Texts {
    phase_pending: "即將開始",
    phase_active: "進行中",
    phase_settling: "結算中",
    phase_ended: "已結束",
    phase_cancelled: "已取消",
    starts_in: "距離開始",
    ends_in: "距離結束",
    days_unit: "天",
    starts: "開始時間",
    ends: "結束時間",
    quota: "得標名額",
    settling_note: "競標已結束，正在結算得標者。",
    cancelled_note: "此活動已取消，不會成交，所有出價皆不再有效。",
    cancelled_reason: "原因：{}",
    link_connecting: "正在連線以取得即時更新",
    link_live: "即時更新中",
    link_lost: "連線中斷，重新連線中",
    link_stuck: "無法取得即時更新，請重新載入頁面。",
    link_closed: "最終結果",
    bid_title: "出價",
    bid_price: "您的出價",
    bid_min: "最低 {}",
    bid_send: "送出出價",
    bid_sending: "正在送出您的出價",
    bid_binding: "出價具有約束力：可以提高，不能撤回。",
    bid_accepted: "出價成功。您的出價 {} 目前排名第 {}，分數 {}。",
    bid_kept: "您原有的出價較佳，維持不變：{}，排名第 {}，分數 {}。",
    bid_unanswered: "伺服器沒有回應，您的出價可能已成立，也可能沒有。重新送出不會有問題。",
    bid_not_open: "活動開始後即可出價。",
    bid_closed: "競標已截止。",
    bid_sign_in: "登入後出價",
    standing_title: "我的名次",
    standing_none: "您尚未在此活動出價。",
    standing_winning: "目前可得標",
    standing_outside: "目前未達得標名次",
    rank: "名次",
    bidder: "出價者",
    price: "價格",
    score: "分數",
    you: "您",
    ranking_title: "排名",
    ranking_empty: "尚無人出價。",
    bidders: "{} 位出價者",
    threshold: "最低得標分數 {}",
    threshold_none: "仍有得標名額",
    result_title: "結果",
    result_won: "您得標了",
    result_won_detail: "最終排名第 {}，分數 {}，應付金額 {}。",
    result_lost: "您未得標",
    result_lost_detail: "最終排名第 {}，分數 {}。",
    result_no_bid: "您未在此活動出價。",
    result_threshold: "最低得標分數為 {}。",
    result_visitor: "得標者已確定。",
    result_orders: "查看我的訂單",
    form_sending: "傳送中",
    form_unanswered: "伺服器沒有回應，請再試一次。",
    error_not_signed_in: "請先登入。",
    error_bad_credentials: "電子郵件或密碼錯誤。",
    error_account_inactive: "此帳號已停用。",
    error_admin_required: "僅限管理員使用。",
    error_cross_origin: "此請求來自其他網站。",
    error_email_taken: "此電子郵件已經註冊。",
    error_not_found: "找不到您要的內容。",
    error_product_not_found: "找不到此商品。",
    error_campaign_not_found: "找不到此活動。",
    error_campaign_not_started: "活動尚未開始。",
    error_campaign_ended: "活動已結束。",
    error_campaign_cancelled: "活動已取消。",
    error_price_low: "出價低於最低價格。",
    error_price_too_low: "出價不得低於 {}。",
    error_insufficient_stock: "此商品的庫存已分配給其他活動。",
    error_conflict: "目前狀態無法執行此操作，請重新載入頁面。",
    error_validation: "請檢查您輸入的內容。",
    error_rate_limited: "嘗試次數過多，請稍候再試。",
    error_overloaded: "伺服器忙碌，未能受理，請再試一次。",
    error_internal: "系統發生錯誤。",
    error_unavailable: "服務暫時無法使用，請再試一次。",
    rule_email: "請輸入電子郵件地址。",
    rule_password: "8 至 128 個字元。",
    rule_username: "1 至 100 個字元。",
    rule_product_name: "1 至 255 個字元。",
    rule_description: "最多 10,000 個字元。",
    rule_image_url: "http 或 https 網址，或本站路徑。",
    rule_stock: "0 至 1,000,000 的整數。",
    rule_money: "至少 0.01 的金額，最多兩位小數。",
    rule_product: "請選擇商品。",
    rule_start_time: "日期與時間（UTC）。",
    rule_end_time: "日期與時間（UTC）：須為未來，且晚於開始時間，最長 366 天。",
    rule_coefficient: "0 至 100,000 的數字。",
    rule_quota: "1 至可用庫存的整數。",
};

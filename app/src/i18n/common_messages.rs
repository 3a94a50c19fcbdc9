//! The messages of forms and errors, and a few words that many pages share.

/// Messages of forms and errors. `{}` is a placeholder, see [`crate::format::fill`].
pub struct CommonMessages {
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
    /// Column heading and label of a rank.
    pub rank: &'static str,
    /// Column heading and label of a price.
    pub price: &'static str,
    /// Column heading and label of a score.
    pub score: &'static str,
    /// Error `NOT_AUTHENTICATED` and `INVALID_TOKEN`.
    pub error_not_signed_in: &'static str,
    /// Error `BAD_CREDENTIALS`.
    pub error_bad_credentials: &'static str,
    /// Error `ACCOUNT_INACTIVE`.
    pub error_account_inactive: &'static str,
    /// Error `ADMIN_REQUIRED`.
    pub error_admin_required: &'static str,
    /// Error `CROSS_ORIGIN`.
    pub error_cross_origin: &'static str,
    /// Error `SESSION_CHANGED`.
    pub error_session_changed: &'static str,
    /// Error `EMAIL_TAKEN`.
    pub error_email_taken: &'static str,
    /// Error `NOT_FOUND`.
    pub error_not_found: &'static str,
    /// Error `PRODUCT_NOT_FOUND`.
    pub error_product_not_found: &'static str,
    /// Error `CAMPAIGN_NOT_FOUND`.
    pub error_campaign_not_found: &'static str,
    /// Error `CAMPAIGN_NOT_STARTED`.
    pub error_campaign_not_started: &'static str,
    /// Error `CAMPAIGN_ENDED`.
    pub error_campaign_ended: &'static str,
    /// Error `CAMPAIGN_CANCELLED`.
    pub error_campaign_cancelled: &'static str,
    /// Error `PRICE_TOO_LOW`.
    pub error_price_low: &'static str,
    /// Error `PRICE_TOO_LOW` with the minimum price.
    pub error_price_too_low: &'static str,
    /// Error `INSUFFICIENT_STOCK`.
    pub error_insufficient_stock: &'static str,
    /// Error `CONFLICT`.
    pub error_conflict: &'static str,
    /// Error `VALIDATION`.
    pub error_validation: &'static str,
    /// Error `RATE_LIMITED`.
    pub error_rate_limited: &'static str,
    /// Error `OVERLOADED`.
    pub error_overloaded: &'static str,
    /// Error `INTERNAL`.
    pub error_internal: &'static str,
    /// Error `UNAVAILABLE`.
    pub error_unavailable: &'static str,
    /// What a valid e-mail address is.
    pub rule_email: &'static str,
    /// What a valid password is.
    pub rule_password: &'static str,
    /// What a valid member name is.
    pub rule_username: &'static str,
    /// What a valid product name is.
    pub rule_product_name: &'static str,
    /// What a valid description is.
    pub rule_description: &'static str,
    /// What a valid picture URL is.
    pub rule_image_url: &'static str,
    /// What a valid number of units in stock is.
    pub rule_stock: &'static str,
    /// What a valid amount is.
    pub rule_money: &'static str,
    /// What a valid choice of product is.
    pub rule_product: &'static str,
    /// What a valid start time is.
    pub rule_start_time: &'static str,
    /// What a valid end time is.
    pub rule_end_time: &'static str,
    /// What a valid coefficient is.
    pub rule_coefficient: &'static str,
    /// What a valid quota is.
    pub rule_quota: &'static str,
}

pub(super) static EN: CommonMessages = CommonMessages {
    phase_pending: "Upcoming",
    phase_active: "Live",
    phase_settling: "Settling",
    phase_ended: "Ended",
    phase_cancelled: "Cancelled",
    rank: "Rank",
    price: "Price",
    score: "Score",
    error_not_signed_in: "Please sign in first.",
    error_bad_credentials: "Wrong e-mail or password.",
    error_account_inactive: "This account has been deactivated.",
    error_admin_required: "Only administrators may do this.",
    error_cross_origin: "This request came from another site and was refused. Please reload the page and try again.",
    error_session_changed: "Another account was signed in when you sent this, so nothing was done. Please check and send it again.",
    error_email_taken: "This e-mail already has an account. Sign in instead?",
    error_not_found: "This page or record does not exist.",
    error_product_not_found: "This product does not exist.",
    error_campaign_not_found: "This campaign does not exist.",
    error_campaign_not_started: "The campaign has not started yet.",
    error_campaign_ended: "The campaign has ended.",
    error_campaign_cancelled: "The campaign was cancelled.",
    error_price_low: "The price is below the minimum.",
    error_price_too_low: "The price must be at least {}.",
    error_insufficient_stock: "Not enough stock is available.",
    error_conflict: "This is no longer possible. Please reload the page.",
    error_validation: "Please check what you entered.",
    error_rate_limited: "Too many attempts. Please wait a moment.",
    error_overloaded: "The server is too busy and did not accept this. Please try again.",
    error_internal: "Something went wrong on our side. Please reload the page.",
    error_unavailable: "The service is not available right now. Please try again.",
    rule_email: "Enter an e-mail address without invisible or look-alike characters.",
    rule_password: "Use 8 to 128 characters.",
    rule_username: "Enter 1 to 100 characters, none of them invisible. Do not mix Latin with Cyrillic or Greek in one word.",
    rule_product_name: "Enter 1 to 255 characters.",
    rule_description: "Enter at most 10,000 characters.",
    rule_image_url: "An http or https URL, or a path on this site.",
    rule_stock: "Enter a whole number from 0 to 1,000,000.",
    rule_money: "Enter an amount of at least 0.01, with at most two decimals.",
    rule_product: "Choose a product.",
    rule_start_time: "Enter a date and time in UTC.",
    rule_end_time: "Enter a date and time in UTC: in the future, after the start and at most 366 days after it.",
    rule_coefficient: "Enter a number from 0 to 100,000.",
    rule_quota: "Enter a whole number from 1 to the available stock.",
};

pub(super) static ZH_TW: CommonMessages = CommonMessages {
    phase_pending: "即將開始",
    phase_active: "進行中",
    phase_settling: "結算中",
    phase_ended: "已結束",
    phase_cancelled: "已取消",
    rank: "名次",
    price: "價格",
    score: "分數",
    error_not_signed_in: "請先登入。",
    error_bad_credentials: "電子郵件或密碼錯誤。",
    error_account_inactive: "此帳號已停用。",
    error_admin_required: "僅限管理員使用。",
    error_cross_origin: "此請求來自其他網站，未予執行。請重新載入頁面後再試。",
    error_session_changed: "送出時登入的是另一個帳號，因此未執行任何動作。請確認後再次送出。",
    error_email_taken: "此電子郵件已註冊，要改為登入嗎？",
    error_not_found: "找不到您要的內容。",
    error_product_not_found: "找不到此商品。",
    error_campaign_not_found: "找不到此活動。",
    error_campaign_not_started: "活動尚未開始。",
    error_campaign_ended: "活動已結束。",
    error_campaign_cancelled: "活動已取消。",
    error_price_low: "出價低於最低價格。",
    error_price_too_low: "出價不得低於 {}。",
    error_insufficient_stock: "可用庫存不足。",
    error_conflict: "目前狀態無法執行此操作，請重新載入頁面。",
    error_validation: "請檢查您輸入的內容。",
    error_rate_limited: "嘗試次數過多，請稍候再試。",
    error_overloaded: "伺服器忙碌中，未能受理，請再試一次。",
    error_internal: "系統發生錯誤，請重新載入頁面。",
    error_unavailable: "服務暫時無法使用，請再試一次。",
    rule_email: "請輸入電子郵件地址，不得含隱形或易混淆的字元。",
    rule_password: "8 至 128 個字元。",
    rule_username: "請輸入 1 至 100 個字元，不得含隱形字元，同一字詞不得混用拉丁與西里爾或希臘字母。",
    rule_product_name: "請輸入 1 至 255 個字元。",
    rule_description: "最多輸入 10,000 個字元。",
    rule_image_url: "http 或 https 網址，或本站路徑。",
    rule_stock: "請輸入 0 至 1,000,000 的整數。",
    rule_money: "請輸入至少 0.01 的金額，最多兩位小數。",
    rule_product: "請選擇商品。",
    rule_start_time: "請輸入日期與時間（UTC）。",
    rule_end_time: "請輸入日期與時間（UTC）：須為未來，且晚於開始時間，最長 366 天。",
    rule_coefficient: "請輸入 0 至 100,000 的數字。",
    rule_quota: "請輸入 1 至可用庫存的整數。",
};

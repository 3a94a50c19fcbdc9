//! The messages of forms and errors, and a few words that many pages share.

use super::catalog::catalog;

catalog! {
    /// Messages of forms and errors.
    CommonMessages
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
        /// Column heading and label of a rank.
        rank: "Rank", "名次";
        /// Column heading and label of a price.
        price: "Price", "價格";
        /// Column heading and label of a score.
        score: "Points", "分數";
        /// Axis of a chart.
        minutes_since_start: "Minutes since the start", "開始後的分鐘數";
        /// Axis of a chart.
        seconds_since_start: "Seconds since the start", "開始後的秒數";
        /// Error `NOT_AUTHENTICATED` and `INVALID_TOKEN`.
        error_not_signed_in: "Please sign in first.", "請先登入。";
        /// Error `BAD_CREDENTIALS`.
        error_bad_credentials: "Wrong e-mail or password.", "電子郵件或密碼錯誤。";
        /// Error `ACCOUNT_INACTIVE`.
        error_account_inactive: "This account has been deactivated.", "此帳號已停用。";
        /// Error `ADMIN_REQUIRED`.
        error_admin_required: "Only administrators may do this.", "僅限管理員使用。";
        /// Error `CROSS_ORIGIN`.
        error_cross_origin: "This request came from another site and was refused. Please reload the page and try again.", "此請求來自其他網站，未予執行。請重新載入頁面後再試。";
        /// Error `SESSION_CHANGED`.
        error_session_changed: "Another account was signed in when you sent this, so nothing was done. Please check and send it again.", "送出時登入的是另一個帳號，因此未執行任何動作。請確認後再次送出。";
        /// Error `EMAIL_TAKEN`.
        error_email_taken: "This e-mail already has an account. Sign in instead?", "此電子郵件已註冊，要改為登入嗎？";
        /// Error `NOT_FOUND`.
        error_not_found: "This page or record does not exist.", "找不到您要的內容。";
        /// Error `PRODUCT_NOT_FOUND`.
        error_product_not_found: "This product does not exist.", "找不到此商品。";
        /// Error `CAMPAIGN_NOT_FOUND`.
        error_campaign_not_found: "This campaign does not exist.", "找不到此活動。";
        /// Error `CAMPAIGN_NOT_STARTED`.
        error_campaign_not_started: "The campaign has not started yet.", "活動尚未開始。";
        /// Error `CAMPAIGN_ENDED`.
        error_campaign_ended: "The campaign has ended.", "活動已結束。";
        /// Error `CAMPAIGN_CANCELLED`.
        error_campaign_cancelled: "The campaign was cancelled.", "活動已取消。";
        /// Error `PRICE_TOO_LOW`.
        error_price_low: "The price is below the minimum.", "出價低於最低價格。";
        /// Error `INSUFFICIENT_STOCK`.
        error_insufficient_stock: "Not enough stock is available.", "可用庫存不足。";
        /// Error `CONFLICT`.
        error_conflict: "This is no longer possible. Please reload the page.", "目前狀態無法執行此操作，請重新載入頁面。";
        /// Error `VALIDATION`.
        error_validation: "Please check what you entered.", "請檢查您輸入的內容。";
        /// Error `RATE_LIMITED`.
        error_rate_limited: "Too many attempts. Please wait a moment.", "嘗試次數過多，請稍候再試。";
        /// Error `OVERLOADED`.
        error_overloaded: "The server is too busy and did not accept this. Please try again.", "伺服器忙碌中，未能受理，請再試一次。";
        /// Error `INTERNAL`.
        error_internal: "Something went wrong on our side. Please reload the page.", "系統發生錯誤，請重新載入頁面。";
        /// Error `UNAVAILABLE`.
        error_unavailable: "The service is not available right now. Please try again.", "服務暫時無法使用，請再試一次。";
        /// What a valid e-mail address is.
        rule_email: "Enter an e-mail address without invisible or look-alike characters.", "請輸入電子郵件地址，不得含隱形或易混淆的字元。";
        /// What is wrong with the current password, typed to change it.
        rule_current_password: "This is not your current password.", "目前密碼不正確。";
        /// What a valid new password is, in place of another.
        rule_new_password: "Use 8 to 128 characters. Do not use your current password, a common one, your name or your e-mail address.", "8 至 128 個字元，且不得為目前密碼、常見密碼、姓名或電子郵件。";
        /// What a valid password is.
        rule_key_name: "Use 1 to 100 characters.", "1 至 100 個字元。";
        rule_key_days: "Use a whole number of days from 1 to 365.", "請輸入 1 至 365 的整數天數。";
        rule_password: "Use 8 to 128 characters. Do not use a common password, your name or your e-mail address.", "8 至 128 個字元，且不得為常見密碼、姓名或電子郵件。";
        /// What a valid member name is.
        rule_username: "Enter 1 to 100 characters, none of them invisible. Do not mix Latin with Cyrillic or Greek in one word.", "請輸入 1 至 100 個字元，不得含隱形字元，同一字詞不得混用拉丁與西里爾或希臘字母。";
        /// What a valid product name is.
        rule_product_name: "Enter 1 to 255 characters.", "請輸入 1 至 255 個字元。";
        /// What a valid description is.
        rule_description: "Enter at most 10,000 characters.", "最多輸入 10,000 個字元。";
        /// What a valid picture URL is.
        rule_image_url: "An http or https URL, or a path on this site.", "http 或 https 網址，或本站路徑。";
        /// What a valid number of units in stock is.
        rule_stock: "Enter a whole number from 0 to 1,000,000.", "請輸入 0 至 1,000,000 的整數。";
        /// What a valid amount is.
        rule_money: "Enter an amount of at least 0.01, with at most two decimals.", "請輸入至少 0.01 的金額，最多兩位小數。";
        /// What a valid choice of product is.
        rule_product: "Choose a product.", "請選擇商品。";
        /// What a valid start time is.
        rule_start_time: "Enter a date and time in UTC.", "請輸入日期與時間（UTC）。";
        /// What a valid end time is.
        rule_end_time: "Enter a date and time in UTC: in the future, after the start and at most 366 days after it.", "請輸入日期與時間（UTC）：須為未來，且晚於開始時間，最長 366 天。";
        /// What a valid coefficient is.
        rule_coefficient: "Enter a number from 0 to 100,000.", "請輸入 0 至 100,000 的數字。";
        /// What a valid quota is.
        rule_quota: "Enter a whole number from 1 to the available stock.", "請輸入 1 至可用庫存的整數。";
    }
    templates {
        /// A link to a field in the summary of a form's errors; a rule alone may fit several fields.
        field_problem(label, problem): "{label}: {problem}", "{label}：{problem}";
        /// Error `PRICE_TOO_LOW` with the minimum price.
        error_price_too_low(minimum): "The price must be at least {minimum}.", "出價不得低於 {minimum}。";
    }
    counts {
    }
}

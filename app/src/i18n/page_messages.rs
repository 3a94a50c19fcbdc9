//! The messages of the pages for visitors and members.

/// Messages of pages. `{}` is a placeholder, see [`crate::format::fill`].
pub struct PageMessages {
    /// Slogan in the footer.
    pub tagline: &'static str,
    /// Skip link, the first of every page.
    pub skip_to_content: &'static str,
    /// Accessible name of the navigation.
    pub nav_label: &'static str,
    /// Navigation link to the home page.
    pub nav_campaigns: &'static str,
    /// Navigation link to, and title of, "My bids".
    pub nav_bids: &'static str,
    /// Navigation link to the orders.
    pub nav_orders: &'static str,
    /// Navigation link to the admin area.
    pub nav_admin: &'static str,
    /// Accessible name of the language switch.
    pub language: &'static str,
    /// Accessible name of the theme switch.
    pub theme: &'static str,
    /// Label of the theme switch: the current theme, the next one.
    pub theme_switch: &'static str,
    /// Name of the system's theme.
    pub theme_system: &'static str,
    /// Name of the light theme.
    pub theme_light: &'static str,
    /// Name of the dark theme.
    pub theme_dark: &'static str,
    /// Before the name of the time zone in the footer.
    pub times_in: &'static str,
    /// Before the user's name, for screen readers.
    pub profile_of: &'static str,
    /// Title, link and button of signing in.
    pub sign_in: &'static str,
    /// Button that signs out.
    pub sign_out: &'static str,
    /// Notice shortly before the session expires.
    pub session_ending: &'static str,
    /// Button that renews the session.
    pub session_stay: &'static str,
    /// Notice after the session has expired.
    pub session_over: &'static str,
    /// After it, on a page where something can be typed.
    pub session_typed: &'static str,
    /// Notice that another user has signed in, in another tab.
    pub session_changed: &'static str,
    /// Notice that the visitor has signed in, in another tab.
    pub session_begun: &'static str,
    /// Notice on a visitor's page of a blocked account that is active again.
    pub account_active_again: &'static str,
    /// Link that reloads the page.
    pub session_reload: &'static str,
    /// Title, link and button of registering.
    pub register: &'static str,
    /// Before the link to register.
    pub no_account_yet: &'static str,
    /// Before the link to sign in.
    pub have_account: &'static str,
    /// Label of an e-mail address.
    pub email: &'static str,
    /// Label of a password.
    pub password: &'static str,
    /// Label of a member's display name.
    pub username: &'static str,
    /// Title of the home page.
    pub campaigns_title: &'static str,
    /// Section of running campaigns.
    pub campaigns_live: &'static str,
    /// Section of upcoming campaigns.
    pub campaigns_upcoming: &'static str,
    /// Section of ended campaigns.
    pub campaigns_ended: &'static str,
    /// Home page without campaigns.
    pub campaigns_none: &'static str,
    /// Hint under an empty list of campaigns.
    pub campaigns_none_hint: &'static str,
    /// Label of the minimum price.
    pub min_price: &'static str,
    /// Label of the number of winning places.
    pub places: &'static str,
    /// Summary of the explanation of the score.
    pub how_scored: &'static str,
    /// The formula of the score: alpha, beta, gamma.
    pub how_scored_detail: &'static str,
    /// The reader's weight.
    pub my_weight: &'static str,
    /// Notice for browsers without scripts.
    pub no_script: &'static str,
    /// Notice that the islands' code could not be loaded.
    pub standstill: &'static str,
    /// Link after that notice.
    pub reload: &'static str,
    /// Title of the orders.
    pub orders_title: &'static str,
    /// Orders page without orders.
    pub orders_none: &'static str,
    /// Hint under it.
    pub orders_none_hint: &'static str,
    /// Accessible name of a pager.
    pub pager: &'static str,
    /// Rows on a page: first, last, total.
    pub pager_rows: &'static str,
    /// A page past the end of its list.
    pub pager_past_end: &'static str,
    /// Under it: the number of rows.
    pub pager_total: &'static str,
    /// Under it: link to the first page.
    pub pager_first: &'static str,
    /// In place of a name without visible characters.
    pub unnamed: &'static str,
    /// Link to the previous page of a list.
    pub previous: &'static str,
    /// Link to the next page of a list.
    pub next: &'static str,
    /// Label and column heading of a product.
    pub product: &'static str,
    /// Column heading of a campaign.
    pub campaign: &'static str,
    /// Label of the price to pay.
    pub final_price: &'static str,
    /// Label of the final rank.
    pub final_rank: &'static str,
    /// Column heading of a status.
    pub status: &'static str,
    /// Status of a confirmed order.
    pub order_confirmed: &'static str,
    /// Section of products.
    pub products: &'static str,
    /// Section without products.
    pub products_none: &'static str,
    /// Label and column heading of a product's name.
    pub name: &'static str,
    /// Label of a description.
    pub description: &'static str,
    /// Label of the URL of a picture.
    pub image_url: &'static str,
    /// Label and column heading of the stock.
    pub stock: &'static str,
    /// Button that creates a record.
    pub create: &'static str,
    /// First option of a choice.
    pub choose: &'static str,
    /// Label of the start.
    pub start_time: &'static str,
    /// Label of the end.
    pub end_time: &'static str,
    /// Label of alpha.
    pub alpha: &'static str,
    /// Label of beta.
    pub beta: &'static str,
    /// Label of gamma.
    pub gamma: &'static str,
    /// Label of the quota.
    pub quota: &'static str,
    /// Hint for the quota.
    pub quota_hint: &'static str,
    /// After the label of an optional field.
    pub optional: &'static str,
    /// Hint for a member's display name.
    pub username_hint: &'static str,
    /// Label of the button that shows a password.
    pub show_password: &'static str,
    /// Introduction of the home page.
    pub campaigns_intro: &'static str,
    /// Accessible name of the filters of a list.
    pub filter: &'static str,
    /// Filter for all campaigns.
    pub all: &'static str,
    /// Empty list of running campaigns.
    pub campaigns_none_live: &'static str,
    /// Empty list of upcoming campaigns.
    pub campaigns_none_upcoming: &'static str,
    /// Empty list of ended campaigns.
    pub campaigns_none_ended: &'static str,
    /// Label of the highest price so far.
    pub highest_bid: &'static str,
    /// Label of the number of bidders.
    pub bidders: &'static str,
    /// Number of winning places without a bidder.
    pub places_free: &'static str,
    /// Note between the end and the result.
    pub settling: &'static str,
    /// Instead of the time left, once a campaign has ended by the clock.
    pub time_is_up: &'static str,
    /// Instead of the time left, once a campaign has started by the clock.
    pub start_has_passed: &'static str,
    /// Before the end of an ended campaign.
    pub ended_at: &'static str,
    /// Before the planned end of a cancelled campaign.
    pub was_to_end: &'static str,
    /// Notice under a list that could not be refreshed for a while.
    pub list_late: &'static str,
    /// Filter for running campaigns.
    pub bids_running: &'static str,
    /// Filter for ended campaigns.
    pub bids_ended: &'static str,
    /// Heading of running bids outside the quota.
    pub bids_losing: &'static str,
    /// Heading of running bids within the quota.
    pub bids_winning: &'static str,
    /// "My bids" without running campaigns.
    pub bids_none: &'static str,
    /// "My bids" without ended campaigns.
    pub bids_none_ended: &'static str,
    /// Hint under an empty list of bids.
    pub bids_none_hint: &'static str,
    /// Link to the running campaigns.
    pub bids_find: &'static str,
    /// Announced when the reader is outbid: the product.
    pub bids_outbid: &'static str,
    /// Announced when a campaign of the list has ended: the product.
    pub bids_over: &'static str,
    /// Announced when a campaign of the list was cancelled: the product.
    pub bids_cancelled: &'static str,
    /// Link to the bid form.
    pub bids_raise: &'static str,
    /// Link to the order of a won campaign.
    pub bids_order: &'static str,
    /// Summary of the history: the number of bids.
    pub bids_history: &'static str,
    /// Accessible name of the history.
    pub bids_history_title: &'static str,
    /// A rank and the number of bidders.
    pub rank_of: &'static str,
    /// Label of the reader's price.
    pub my_price: &'static str,
    /// Badge of a bid within the quota.
    pub bid_winning: &'static str,
    /// Badge of a bid outside the quota.
    pub bid_losing: &'static str,
    /// Badge of a bid that won.
    pub bid_won: &'static str,
    /// Badge of a bid that did not win.
    pub bid_lost: &'static str,
    /// Column heading of the time of receipt.
    pub received: &'static str,
    /// Label of the order number.
    pub order_number: &'static str,
    /// Title of the profile.
    pub profile_title: &'static str,
    /// Section of the account.
    pub profile_account: &'static str,
    /// Section of the language and theme.
    pub profile_look: &'static str,
    /// Label of the date of registration.
    pub member_since: &'static str,
    /// Label of the member's weight.
    pub weight: &'static str,
    /// What the weight means.
    pub weight_hint: &'static str,
    /// Title of the 404 page.
    pub not_found_title: &'static str,
    /// Hint on the 404 page.
    pub not_found_hint: &'static str,
    /// Title of the 401 and 403 pages.
    pub forbidden_title: &'static str,
    /// After the error, if the form that was sent is kept.
    pub forbidden_form_kept: &'static str,
    /// Title of other error pages.
    pub failed_title: &'static str,
    /// Link to the home page.
    pub back_home: &'static str,
}

pub(super) static EN: PageMessages = PageMessages {
    tagline: "Real-time auctions: the best bids win.",
    skip_to_content: "Skip to content",
    nav_label: "Main",
    nav_campaigns: "Campaigns",
    nav_bids: "My bids",
    nav_orders: "My orders",
    nav_admin: "Admin",
    language: "Language",
    theme: "Theme",
    theme_switch: "Theme: {}. Switch to: {}",
    theme_system: "System",
    theme_light: "Light",
    theme_dark: "Dark",
    times_in: "Times are in",
    profile_of: "Profile of",
    sign_in: "Sign in",
    sign_out: "Sign out",
    session_ending: "You will be signed out soon.",
    session_stay: "Stay signed in",
    session_over: "Your session has ended. Sign in to continue.",
    session_typed: "What you typed will be kept.",
    session_changed: "You are now signed in with a different account, from another tab.",
    session_begun: "You signed in from another tab.",
    account_active_again: "Your account is active again.",
    session_reload: "Reload",
    register: "Create account",
    no_account_yet: "No account yet?",
    have_account: "Already have an account?",
    email: "E-mail",
    password: "Password",
    username: "Display name",
    campaigns_title: "Campaigns",
    campaigns_live: "Live",
    campaigns_upcoming: "Upcoming",
    campaigns_ended: "Ended",
    campaigns_none: "There are no campaigns yet.",
    campaigns_none_hint: "Check back soon: new campaigns appear here.",
    min_price: "Minimum price",
    places: "Places",
    how_scored: "How bids are ranked",
    how_scored_detail: "Score = {} × price + {} ÷ (milliseconds since the start + 1) + {} × member weight. Higher scores rank first; at equal scores, the earlier bid ranks first.",
    my_weight: "Your member weight is {}.",
    no_script: "Without JavaScript, this page does not update by itself. Reload it to see the latest ranking.",
    standstill: "Live updates are not available.",
    reload: "Reload to see the latest state",
    orders_title: "My orders",
    orders_none: "You have no orders yet.",
    orders_none_hint: "When a campaign you won is settled, your order appears here.",
    pager: "Pages",
    pager_rows: "{} to {} of {}",
    pager_past_end: "This page is past the end of the list.",
    pager_total: "The list has {} entry.|The list has {} entries.",
    pager_first: "First page",
    unnamed: "(no name)",
    previous: "Previous",
    next: "Next",
    product: "Product",
    campaign: "Campaign",
    final_price: "Amount due",
    final_rank: "Final rank",
    status: "Status",
    order_confirmed: "Confirmed",
    products: "Products",
    products_none: "There are no products yet.",
    name: "Name",
    description: "Description",
    image_url: "Image URL",
    stock: "Stock",
    create: "Create",
    choose: "Choose",
    start_time: "Start (UTC)",
    end_time: "End (UTC)",
    alpha: "Alpha: points per unit of price",
    beta: "Beta: points for speed",
    gamma: "Gamma: points per unit of member weight",
    quota: "Winning places",
    quota_hint: "Leave empty to sell all available units.",
    optional: "optional",
    username_hint: "Shown publicly with your bids. 1 to 100 characters.",
    show_password: "Show password",
    campaigns_intro: "Limited stock, live bidding. When time runs out, the best bids win.",
    filter: "Filter",
    all: "All",
    campaigns_none_live: "Nothing is live right now.",
    campaigns_none_upcoming: "Nothing is planned right now.",
    campaigns_none_ended: "No campaign has ended yet.",
    highest_bid: "Highest bid",
    bidders: "Bidders",
    places_free: "{} winning place still free|{} winning places still free",
    settling: "The result is being settled",
    time_is_up: "Time is up. The result is on its way.",
    start_has_passed: "The start time has passed",
    ended_at: "Ended",
    was_to_end: "Planned end",
    list_late: "Not up to date. Trying again.",
    bids_running: "Running",
    bids_ended: "Ended",
    bids_losing: "Outbid",
    bids_winning: "Winning",
    bids_none: "You have no bids in running campaigns.",
    bids_none_ended: "You have no bids in ended campaigns.",
    bids_none_hint: "Campaigns you bid in appear here, with your rank.",
    bids_find: "See live campaigns",
    bids_outbid: "You have been outbid: {}.",
    bids_over: "Bidding has ended: {}. See “Ended”.",
    bids_cancelled: "Cancelled: {}. See “Ended”.",
    bids_raise: "Raise my bid",
    bids_order: "See my order",
    bids_history: "History: {} accepted bid|History: {} accepted bids",
    bids_history_title: "History",
    rank_of: "{} of {}",
    my_price: "My bid",
    bid_winning: "Winning",
    bid_losing: "Outbid",
    bid_won: "Won",
    bid_lost: "Did not win",
    received: "Received",
    order_number: "Order number",
    profile_title: "Profile",
    profile_account: "Account",
    profile_look: "Language and theme",
    member_since: "Member since",
    weight: "Member weight",
    weight_hint: "Adds points to each of your bids; how many depends on the campaign. The higher it is, the less you need to bid for the same place. An administrator sets it, from 0.5 to 5.",
    not_found_title: "Page not found",
    not_found_hint: "The page you are looking for does not exist or has moved.",
    forbidden_title: "Not allowed",
    forbidden_form_kept: "The submitted form is kept for a day. It appears here once an administrator signs in.",
    failed_title: "Temporarily unavailable",
    back_home: "All campaigns",
};

pub(super) static ZH_TW: PageMessages = PageMessages {
    tagline: "即時競標，最佳出價得標。",
    skip_to_content: "跳至主要內容",
    nav_label: "主選單",
    nav_campaigns: "競標活動",
    nav_bids: "我的出價",
    nav_orders: "我的訂單",
    nav_admin: "管理",
    language: "語言",
    theme: "外觀",
    theme_switch: "外觀：{}。切換為：{}",
    theme_system: "跟隨系統",
    theme_light: "淺色",
    theme_dark: "深色",
    times_in: "顯示時區：",
    profile_of: "個人資料：",
    sign_in: "登入",
    sign_out: "登出",
    session_ending: "您即將自動登出。",
    session_stay: "保持登入",
    session_over: "您的登入已失效，重新登入即可繼續。",
    session_typed: "已輸入的內容會保留。",
    session_changed: "您已在另一個分頁改用其他帳號登入。",
    session_begun: "您已在另一個分頁登入。",
    account_active_again: "您的帳號已恢復使用。",
    session_reload: "重新載入",
    register: "註冊",
    no_account_yet: "還沒有帳號？",
    have_account: "已有帳號？",
    email: "電子郵件",
    password: "密碼",
    username: "公開名稱",
    campaigns_title: "競標活動",
    campaigns_live: "進行中",
    campaigns_upcoming: "即將開始",
    campaigns_ended: "已結束",
    campaigns_none: "目前沒有任何活動。",
    campaigns_none_hint: "請稍後再來，新活動會顯示在這裡。",
    min_price: "最低價格",
    places: "得標名額",
    how_scored: "排名方式",
    how_scored_detail: "分數 = {} × 出價 + {} ÷（開始後的毫秒數 + 1）+ {} × 會員權重。分數高者在前；同分時，先出價者在前。",
    my_weight: "您的會員權重為 {}。",
    no_script: "未啟用 JavaScript，本頁不會自動更新。重新載入即可查看最新排名。",
    standstill: "無法即時更新。",
    reload: "重新載入以查看最新狀態",
    orders_title: "我的訂單",
    orders_none: "您還沒有訂單。",
    orders_none_hint: "您得標的活動結算後，訂單會顯示在這裡。",
    pager: "分頁",
    pager_rows: "第 {} 至 {} 筆，共 {} 筆",
    pager_past_end: "此頁已超出清單範圍。",
    pager_total: "共有 {} 筆。",
    pager_first: "第一頁",
    unnamed: "（未命名）",
    previous: "上一頁",
    next: "下一頁",
    product: "商品",
    campaign: "活動",
    final_price: "應付金額",
    final_rank: "最終名次",
    status: "狀態",
    order_confirmed: "已確認",
    products: "商品",
    products_none: "尚無商品。",
    name: "名稱",
    description: "描述",
    image_url: "圖片網址",
    stock: "庫存",
    create: "建立",
    choose: "請選擇",
    start_time: "開始時間（UTC）",
    end_time: "結束時間（UTC）",
    alpha: "Alpha：每單位價格的分數",
    beta: "Beta：速度分數",
    gamma: "Gamma：每單位會員權重的分數",
    quota: "得標名額",
    quota_hint: "留空則使用全部可用庫存。",
    optional: "選填",
    username_hint: "會隨您的出價公開顯示，1 至 100 個字元。",
    show_password: "顯示密碼",
    campaigns_intro: "限量商品，即時競標。時間一到，最佳出價得標。",
    filter: "篩選",
    all: "全部",
    campaigns_none_live: "目前沒有進行中的活動。",
    campaigns_none_upcoming: "目前沒有即將開始的活動。",
    campaigns_none_ended: "目前沒有已結束的活動。",
    highest_bid: "目前最高出價",
    bidders: "出價人數",
    places_free: "尚有 {} 個得標名額",
    settling: "結果結算中",
    time_is_up: "時間到，結果即將公布。",
    start_has_passed: "開始時間已過",
    ended_at: "結束於",
    was_to_end: "原定結束時間",
    list_late: "內容並非最新，正在重試。",
    bids_running: "進行中",
    bids_ended: "已結束",
    bids_losing: "已被超越",
    bids_winning: "目前得標中",
    bids_none: "您目前沒有進行中的出價。",
    bids_none_ended: "您還沒有已結束的出價。",
    bids_none_hint: "您出價的活動會連同名次顯示在這裡。",
    bids_find: "查看進行中的活動",
    bids_outbid: "您已被超越：{}。",
    bids_over: "競標已截止：{}。請見「已結束」。",
    bids_cancelled: "活動已取消：{}。請見「已結束」。",
    bids_raise: "提高出價",
    bids_order: "查看訂單",
    bids_history: "出價紀錄：{} 筆",
    bids_history_title: "出價紀錄",
    rank_of: "第 {} 名，共 {} 人",
    my_price: "我的出價",
    bid_winning: "目前得標中",
    bid_losing: "已被超越",
    bid_won: "已得標",
    bid_lost: "未得標",
    received: "收到時間",
    order_number: "訂單編號",
    profile_title: "個人資料",
    profile_account: "帳號",
    profile_look: "語言與外觀",
    member_since: "註冊時間",
    weight: "會員權重",
    weight_hint: "您的每筆出價都會依此權重加分，分數視活動而定。權重越高，取得同一名次所需的出價越低。權重由管理員設定，範圍為 0.5 至 5。",
    not_found_title: "找不到頁面",
    not_found_hint: "您要找的頁面不存在或已移動。",
    forbidden_title: "權限不足",
    forbidden_form_kept: "已送出的表單會保留一天，管理員登入後會顯示在這裡。",
    failed_title: "暫時無法使用",
    back_home: "所有活動",
};

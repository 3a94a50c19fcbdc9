//! The texts of the pages.

/// What pages say. `{}` stands for a value, see [`crate::format::fill`].
pub struct PageMessages {
    /// Under the name, in the footer.
    pub tagline: &'static str,
    /// First link of every page.
    pub skip_to_content: &'static str,
    /// Name of the navigation.
    pub nav_label: &'static str,
    /// Link.
    pub nav_campaigns: &'static str,
    /// Link and title.
    pub nav_bids: &'static str,
    /// Link.
    pub nav_orders: &'static str,
    /// Link.
    pub nav_admin: &'static str,
    /// Name of the language switch.
    pub language: &'static str,
    /// Name of the theme switch.
    pub theme: &'static str,
    /// The switch: the theme it is, the theme it would be.
    pub theme_switch: &'static str,
    /// Theme.
    pub theme_system: &'static str,
    /// Theme.
    pub theme_light: &'static str,
    /// Theme.
    pub theme_dark: &'static str,
    /// Before the name of the time zone.
    pub times_in: &'static str,
    /// Before the name, for screen readers.
    pub profile_of: &'static str,
    /// Title, link and button.
    pub sign_in: &'static str,
    /// Button.
    pub sign_out: &'static str,
    /// Shortly before the session ends.
    pub session_ending: &'static str,
    /// Button.
    pub session_stay: &'static str,
    /// After the session.
    pub session_over: &'static str,
    /// Someone else has signed in, in another tab.
    pub session_changed: &'static str,
    /// The reader has signed in, in another tab.
    pub session_begun: &'static str,
    /// Link.
    pub session_reload: &'static str,
    /// Title, link and button.
    pub register: &'static str,
    /// Before the link to register.
    pub no_account_yet: &'static str,
    /// Before the link to sign in.
    pub have_account: &'static str,
    /// Label.
    pub email: &'static str,
    /// Label.
    pub password: &'static str,
    /// Label.
    pub username: &'static str,
    /// Title of the home page.
    pub campaigns_title: &'static str,
    /// Section.
    pub campaigns_live: &'static str,
    /// Section.
    pub campaigns_upcoming: &'static str,
    /// Section.
    pub campaigns_ended: &'static str,
    /// Empty home page.
    pub campaigns_none: &'static str,
    /// Under it.
    pub campaigns_none_hint: &'static str,
    /// Label.
    pub min_price: &'static str,
    /// Label.
    pub places: &'static str,
    /// Summary of the explanation.
    pub how_scored: &'static str,
    /// The formula: alpha, beta, gamma.
    pub how_scored_detail: &'static str,
    /// The reader's weight.
    pub my_weight: &'static str,
    /// Without scripts.
    pub no_script: &'static str,
    /// When the code that moves the page is not there.
    pub standstill: &'static str,
    /// Link after it.
    pub reload: &'static str,
    /// Title.
    pub orders_title: &'static str,
    /// Empty page.
    pub orders_none: &'static str,
    /// Under it.
    pub orders_none_hint: &'static str,
    /// Name of a pager.
    pub pager: &'static str,
    /// Rows on a page: first, last, of all.
    pub pager_rows: &'static str,
    /// A page past the end of its list.
    pub pager_past_end: &'static str,
    /// Under it: how many rows there are.
    pub pager_total: &'static str,
    /// Under it.
    pub pager_first: &'static str,
    /// In the place of a name that cannot be seen.
    pub unnamed: &'static str,
    /// Pager.
    pub previous: &'static str,
    /// Pager.
    pub next: &'static str,
    /// Column and label.
    pub product: &'static str,
    /// Column.
    pub campaign: &'static str,
    /// Column.
    pub final_price: &'static str,
    /// Column.
    pub final_rank: &'static str,
    /// Column.
    pub status: &'static str,
    /// Order status.
    pub order_confirmed: &'static str,
    /// Section.
    pub products: &'static str,
    /// Empty section.
    pub products_none: &'static str,
    /// Label and column.
    pub name: &'static str,
    /// Label.
    pub description: &'static str,
    /// Label.
    pub image_url: &'static str,
    /// Label and column.
    pub stock: &'static str,
    /// Button.
    pub create: &'static str,
    /// First entry of a choice.
    pub choose: &'static str,
    /// Label.
    pub start_time: &'static str,
    /// Label.
    pub end_time: &'static str,
    /// Label.
    pub alpha: &'static str,
    /// Label.
    pub beta: &'static str,
    /// Label.
    pub gamma: &'static str,
    /// Label.
    pub quota: &'static str,
    /// Hint.
    pub quota_hint: &'static str,
    /// After the label of a field that may be empty.
    pub optional: &'static str,
    /// Hint.
    pub username_hint: &'static str,
    /// Button beside a password.
    pub show_password: &'static str,
    /// Under the title.
    pub campaigns_intro: &'static str,
    /// Name of the filters.
    pub filter: &'static str,
    /// Filter.
    pub all: &'static str,
    /// Empty filter.
    pub campaigns_none_live: &'static str,
    /// Empty filter.
    pub campaigns_none_upcoming: &'static str,
    /// Empty filter.
    pub campaigns_none_ended: &'static str,
    /// Label of the highest price so far.
    pub highest_bid: &'static str,
    /// Label.
    pub bidders: &'static str,
    /// Fewer bidders than winning places.
    pub places_free: &'static str,
    /// Between the end and the result.
    pub settling: &'static str,
    /// Before the end.
    pub ended_at: &'static str,
    /// Before the end of a cancelled campaign.
    pub was_to_end: &'static str,
    /// Under a list that could not be fetched for a while.
    pub list_late: &'static str,
    /// Filter.
    pub bids_running: &'static str,
    /// Filter.
    pub bids_ended: &'static str,
    /// Section.
    pub bids_losing: &'static str,
    /// Section.
    pub bids_winning: &'static str,
    /// Empty page.
    pub bids_none: &'static str,
    /// Empty page.
    pub bids_none_ended: &'static str,
    /// Under it.
    pub bids_none_hint: &'static str,
    /// Link.
    pub bids_find: &'static str,
    /// Read out when it happens: the product.
    pub bids_outbid: &'static str,
    /// Link to the bid form.
    pub bids_raise: &'static str,
    /// Link to my orders.
    pub bids_order: &'static str,
    /// Summary: how many.
    pub bids_history: &'static str,
    /// Name of the history.
    pub bids_history_title: &'static str,
    /// A rank of how many.
    pub rank_of: &'static str,
    /// Label.
    pub my_price: &'static str,
    /// How a bid stands.
    pub bid_winning: &'static str,
    /// How a bid stands.
    pub bid_losing: &'static str,
    /// How a bid ended.
    pub bid_won: &'static str,
    /// How a bid ended.
    pub bid_lost: &'static str,
    /// Column.
    pub received: &'static str,
    /// Label.
    pub order_number: &'static str,
    /// Title.
    pub profile_title: &'static str,
    /// Section.
    pub profile_account: &'static str,
    /// Section.
    pub profile_look: &'static str,
    /// Label.
    pub member_since: &'static str,
    /// Label.
    pub weight: &'static str,
    /// What it means.
    pub weight_hint: &'static str,
    /// Title of the 404 page.
    pub not_found_title: &'static str,
    /// On it.
    pub not_found_hint: &'static str,
    /// Title of the 403 page.
    pub forbidden_title: &'static str,
    /// Title of the 503 page.
    pub failed_title: &'static str,
    /// Link of error pages.
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
    session_over: "Your session is over. Sign in to go on here; what you typed is kept.",
    session_changed: "You are now signed in as someone else in another tab.",
    session_begun: "You have signed in in another tab.",
    session_reload: "Reload",
    register: "Create account",
    no_account_yet: "No account yet?",
    have_account: "Have an account already?",
    email: "E-mail",
    password: "Password",
    username: "Name other bidders see",
    campaigns_title: "Campaigns",
    campaigns_live: "Live",
    campaigns_upcoming: "Upcoming",
    campaigns_ended: "Ended",
    campaigns_none: "There are no campaigns yet.",
    campaigns_none_hint: "Come back soon, the next one will be listed here.",
    min_price: "Minimum price",
    places: "Places",
    how_scored: "How bids are ranked",
    how_scored_detail: "Score = {} × price + {} ÷ (milliseconds since the start + 1) + {} × member weight. The higher score is ahead; of equal scores the earlier bid.",
    my_weight: "Your member weight is {}.",
    no_script: "This page does not refresh itself without JavaScript. Reload it to see the latest ranking.",
    standstill: "Live updates are not available.",
    reload: "Reload to see the current state",
    orders_title: "My orders",
    orders_none: "You have no orders yet.",
    orders_none_hint: "What you win appears here as soon as a campaign is settled.",
    pager: "Pages",
    pager_rows: "{} to {} of {}",
    pager_past_end: "This page is past the end of the list.",
    pager_total: "There is {} entry in all.|There are {} entries in all.",
    pager_first: "First page",
    unnamed: "(no name)",
    previous: "Previous",
    next: "Next",
    product: "Product",
    campaign: "Campaign",
    final_price: "To pay",
    final_rank: "Final rank",
    status: "Status",
    order_confirmed: "Confirmed",
    products: "Products",
    products_none: "There are no products yet.",
    name: "Name",
    description: "Description",
    image_url: "Address of the picture",
    stock: "Stock",
    create: "Create",
    choose: "Choose",
    start_time: "Start (UTC)",
    end_time: "End (UTC)",
    alpha: "Alpha: points per unit of price",
    beta: "Beta: points for speed",
    gamma: "Gamma: points per unit of member weight",
    quota: "Winning places",
    quota_hint: "Empty for the whole available stock.",
    optional: "optional",
    username_hint: "1 to 100 characters. It is shown in rankings.",
    show_password: "Show what is typed",
    campaigns_intro: "Bid on limited pieces. When time is up, the best bids win.",
    filter: "Filter",
    all: "All",
    campaigns_none_live: "Nothing is live right now.",
    campaigns_none_upcoming: "Nothing is planned right now.",
    campaigns_none_ended: "No campaign has ended yet.",
    highest_bid: "Highest bid",
    bidders: "Bidders",
    places_free: "{} winning place still free|{} winning places still free",
    settling: "The winners are being fixed",
    ended_at: "Ended",
    was_to_end: "Was to end",
    list_late: "Not up to date. Trying again.",
    bids_running: "Running",
    bids_ended: "Ended",
    bids_losing: "Outside the winning places",
    bids_winning: "In a winning place",
    bids_none: "You have no bids in running campaigns.",
    bids_none_ended: "None of your bids has come to its end yet.",
    bids_none_hint: "Every campaign you bid in is listed here, with your rank.",
    bids_find: "See what is live",
    bids_outbid: "You were outbid: {}.",
    bids_raise: "Raise my bid",
    bids_order: "See the order",
    bids_history: "History: {} accepted bid|History: {} accepted bids",
    bids_history_title: "History",
    rank_of: "{} of {}",
    my_price: "My price",
    bid_winning: "Winning",
    bid_losing: "Not winning",
    bid_won: "Won",
    bid_lost: "Not won",
    received: "Received",
    order_number: "Order number",
    profile_title: "Profile",
    profile_account: "Account",
    profile_look: "Language and theme",
    member_since: "Member since",
    weight: "Member weight",
    weight_hint: "Every bid of yours scores gamma times this weight: the higher it is, the less you need to pay for the same place. An administrator sets it, from 0.5 to 5.",
    not_found_title: "Page not found",
    not_found_hint: "The page you are looking for does not exist or has moved.",
    forbidden_title: "Not allowed",
    failed_title: "Temporarily unavailable",
    back_home: "All campaigns",
};

pub(super) static ZH_TW: PageMessages = PageMessages {
    tagline: "即時競標：最佳出價得標。",
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
    times_in: "時間顯示為",
    profile_of: "個人資料：",
    sign_in: "登入",
    sign_out: "登出",
    session_ending: "您即將自動登出。",
    session_stay: "保持登入",
    session_over: "您的登入已失效。重新登入即可繼續，已輸入的內容會保留。",
    session_changed: "您已在另一個分頁改用其他帳號登入。",
    session_begun: "您已在另一個分頁登入。",
    session_reload: "重新載入",
    register: "註冊",
    no_account_yet: "還沒有帳號？",
    have_account: "已有帳號？",
    email: "電子郵件",
    password: "密碼",
    username: "其他出價者看到的名稱",
    campaigns_title: "競標活動",
    campaigns_live: "進行中",
    campaigns_upcoming: "即將開始",
    campaigns_ended: "已結束",
    campaigns_none: "目前沒有任何活動。",
    campaigns_none_hint: "請稍後再來，新活動會顯示在這裡。",
    min_price: "最低價格",
    places: "得標名額",
    how_scored: "排名方式",
    how_scored_detail: "分數 = {} × 出價 + {} ÷（開始後的毫秒數 + 1）+ {} × 會員權重。分數高者在前；分數相同時，先出價者在前。",
    my_weight: "您的會員權重為 {}。",
    no_script: "未啟用 JavaScript，本頁不會自動更新。請重新載入以查看最新排名。",
    standstill: "無法即時更新。",
    reload: "重新載入，查看目前狀態",
    orders_title: "我的訂單",
    orders_none: "您還沒有訂單。",
    orders_none_hint: "活動結算後，您得標的商品會顯示在這裡。",
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
    username_hint: "1 至 100 個字元，會顯示在排名中。",
    show_password: "顯示輸入內容",
    campaigns_intro: "競標限量商品，時間一到，由最佳出價者得標。",
    filter: "篩選",
    all: "全部",
    campaigns_none_live: "目前沒有進行中的活動。",
    campaigns_none_upcoming: "目前沒有即將開始的活動。",
    campaigns_none_ended: "目前沒有已結束的活動。",
    highest_bid: "目前最高出價",
    bidders: "出價人數",
    places_free: "尚有 {} 個得標名額",
    settling: "正在結算得標者",
    ended_at: "結束於",
    was_to_end: "原訂結束於",
    list_late: "內容不是最新，正在重試。",
    bids_running: "進行中",
    bids_ended: "已結束",
    bids_losing: "未達得標名次",
    bids_winning: "可得標",
    bids_none: "您目前沒有進行中的出價。",
    bids_none_ended: "您還沒有已結束的出價。",
    bids_none_hint: "您出過價的活動會連同名次列在這裡。",
    bids_find: "查看進行中的活動",
    bids_outbid: "您已被超越：{}。",
    bids_raise: "提高出價",
    bids_order: "查看訂單",
    bids_history: "出價紀錄：{} 筆",
    bids_history_title: "出價紀錄",
    rank_of: "第 {} 名，共 {} 人",
    my_price: "我的出價",
    bid_winning: "可得標",
    bid_losing: "未達得標名次",
    bid_won: "已得標",
    bid_lost: "未得標",
    received: "收件時間",
    order_number: "訂單編號",
    profile_title: "個人資料",
    profile_account: "帳號",
    profile_look: "語言與外觀",
    member_since: "註冊時間",
    weight: "會員權重",
    weight_hint: "您的每筆出價都會加上 gamma 乘以此權重的分數：權重越高，取得同一名次所需的價格越低。權重由管理員設定，範圍為 0.5 至 5。",
    not_found_title: "找不到頁面",
    not_found_hint: "您要找的頁面不存在或已移動。",
    forbidden_title: "權限不足",
    failed_title: "暫時無法使用",
    back_home: "所有活動",
};

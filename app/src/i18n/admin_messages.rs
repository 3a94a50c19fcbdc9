//! The messages of the admin area. Only the server has them.

use super::catalog::catalog;

catalog! {
    /// Messages of the admin area.
    AdminMessages
    texts {
        title: "Admin", "管理";
        nav_label: "Admin area", "管理區";
        nav_overview: "Overview", "總覽";
        nav_products: "Products", "商品";
        nav_campaigns: "Campaigns", "活動";
        nav_users: "Members", "會員";
        nav_results: "Results", "活動結果";
        nav_audit: "Audit log", "稽核紀錄";
        done_product_created: "The product was created.", "商品已建立。";
        done_product_saved: "The product was saved.", "商品已儲存。";
        done_campaign_created: "The campaign was created.", "活動已建立。";
        done_campaign_saved: "The campaign was changed. Bidders who have it open are told.", "活動已變更，已開啟頁面的出價者會收到通知。";
        done_campaign_cancelled: "The campaign was cancelled. All bids are void.", "活動已取消，所有出價作廢。";
        done_bid_void: "The bid is void.", "出價已判定無效。";
        done_bid_restored: "The bid is valid again.", "出價已恢復有效。";
        open_bids: "Bids in open campaigns", "未結束活動中的出價";
        open_bids_none: "No bids in open campaigns.", "未結束的活動中沒有出價。";
        declare_void: "Declare void", "判定無效";
        restore_bid: "Make valid again", "恢復有效";
        bid_valid: "Valid", "有效";
        bid_void_by_account: "Void while the account is inactive", "帳號停用期間無效";
        bid_already_void: "This bid is void already.", "此出價已被判定無效。";
        void_reason_hint: "Shown to the bidder.", "會顯示給出價者。";
        done_user_saved: "The member was saved.", "會員資料已儲存。";
        dashboard_campaigns: "Running and upcoming", "進行中與即將開始";
        dashboard_actions: "Recent activity", "最近操作";
        live_now: "Live now", "進行中";
        upcoming: "Upcoming", "即將開始";
        ended: "Ended", "已結束";
        cancelled: "Cancelled", "已取消";
        all: "All", "全部";
        filter: "Show", "篩選";
        optional: "optional", "選填";
        none: "–", "–";
        yes: "Yes", "是";
        no: "No", "否";
        choose: "Choose", "請選擇";
        save: "Save", "儲存";
        leave: "Cancel", "取消";
        keep_campaign: "Keep campaign", "保留活動";
        to_review: "Continue", "下一步：確認";
        review_title: "Please check before saving", "儲存前請確認";
        review_hint: "Nothing has been changed yet.", "目前尚未變更任何資料。";
        review_nothing: "No changes: everything matches what is saved.", "沒有任何變更，與目前儲存的內容相同。";
        review_what: "Field", "項目";
        review_before: "Current", "目前";
        review_after: "New", "變更後";
        review_back: "Back to the form", "返回修改";
        changed: "changed", "已變更";
        differs_title: "Differences", "差異";
        differs_hint: "Other changes were saved after you opened this form. Yours are not saved yet. Saving now overwrites the saved values that differ.", "您開啟此表單後，已有其他變更儲存。您的變更尚未儲存；若現在儲存，將覆蓋下列不同之處。";
        differs_nothing: "What you entered is already saved.", "您輸入的內容與目前儲存的相同。";
        differs_started: "The campaign has since started, so only its end can still be changed. The other changes below were not saved.", "活動已經開始，只能變更結束時間；下列其他變更未儲存。";
        differs_saved: "Saved", "已儲存";
        differs_typed: "In your form", "您的表單";
        name: "Name", "名稱";
        description: "Description", "描述";
        image_url: "Image URL", "圖片網址";
        picture_loading: "Loading the picture…", "圖片載入中…";
        picture_missing: "No picture can be loaded from this address.", "無法從此網址載入圖片。";
        picture_alt: "The picture at this address", "此網址的圖片";
        stock: "Stock", "庫存";
        promised: "Reserved", "已保留";
        free: "Available", "可用";
        campaign: "Campaign", "活動";
        min_price: "Minimum price", "最低價格";
        status: "Status", "狀態";
        product: "Product", "商品";
        product_new: "New product", "新增商品";
        product_create: "Create product", "建立商品";
        product_active: "Active", "上架中";
        product_inactive: "Withdrawn", "已下架";
        product_inactive_effect: "The product will no longer be listed. Its campaigns continue.", "商品將不再列出，現有活動照常進行。";
        products_none: "There are no products yet.", "尚無商品。";
        products_none_hint: "Create one to sell it in a campaign.", "建立商品後即可舉辦活動。";
        min_price_effect: "New bids must meet the new minimum price, in running campaigns too. Earlier bids still count.", "之後的出價須達到新的最低價格，進行中的活動也適用；先前的出價仍然有效。";
        campaign_new: "New campaign", "新增活動";
        campaign_create: "Create campaign", "建立活動";
        campaign_edit: "Edit", "編輯";
        campaign_extend: "Extend", "延長";
        campaign_cancel: "Cancel campaign", "取消活動";
        campaign_over: "This campaign has ended and cannot be changed.", "此活動已結束，無法變更。";
        campaigns_none: "There are no campaigns here.", "這裡沒有活動。";
        campaigns_none_hint: "Campaigns appear here as soon as they are created.", "建立活動後會顯示在這裡。";
        start_time: "Start", "開始時間";
        end_time: "End", "結束時間";
        length: "Duration", "時長";
        zone: "Time zone of start and end", "開始與結束時間的時區";
        zone_hint: "Daylight saving time follows the date. Changing the zone does not convert times already entered.", "日光節約時間依日期計算；變更時區不會換算已輸入的時間。";
        quota: "Winning places", "得標名額";
        quota_hint: "Leave empty to sell all available units.", "留空則使用全部可用庫存。";
        starts_at_once: "Starts immediately: bidding opens as soon as the campaign is created.", "立即開始：建立後即可出價。";
        starts_at_once_edited: "Starts immediately: bidding opens as soon as this is saved.", "立即開始：儲存後即可出價。";
        alpha: "Alpha", "Alpha";
        alpha_hint: "Points per unit of price.", "每單位價格的分數。";
        beta: "Beta", "Beta";
        beta_hint: "Points for speed: all of them in the first millisecond, then quickly fewer.", "速度分數：第一毫秒內得全數，之後迅速遞減。";
        gamma: "Gamma", "Gamma";
        gamma_hint: "Points per unit of member weight.", "每單位會員權重的分數。";
        extend_hint: "A running campaign can only be extended.", "進行中的活動只能延後結束。";
        extend_effect: "Every bidder sees the new end at once. This cannot be undone.", "所有出價者會立即看到新的結束時間。此操作無法復原。";
        reason: "Reason", "原因";
        reason_hint: "Shown to bidders on the campaign page.", "會顯示在活動頁面，出價者都看得到。";
        cancelled_at: "Cancelled at", "取消時間：";
        cancelled_over: "This campaign was cancelled and cannot be changed.", "此活動已取消，無法變更。";
        preview_title: "What alpha, beta and gamma do", "Alpha、Beta、Gamma 的作用";
        preview_reward_only: "The price does not count: alpha is zero.", "Alpha 為零，價格不列入計分。";
        preview_update: "Update preview", "更新預覽";
        preview_x: "Time since the start (log scale)", "開始後的時間（對數刻度）";
        preview_after: "Received after", "開始後經過";
        preview_table: "Scores of example bids", "範例出價的分數";
        score: "Score", "分數";
        monitor: "Monitor", "監控";
        report: "Settlement report", "結算報告";
        public_page: "View campaign page", "查看活動頁面";
        as_of: "As of", "資料時間：";
        monitor_paused: "Paused. Nothing below is being updated.", "已暫停：下方內容不會更新。";
        monitor_pause: "Pause", "暫停更新";
        monitor_no_samples: "Charts appear once the campaign starts.", "活動開始後會顯示圖表。";
        monitor_not_sampled: "No data was recorded.", "沒有留下資料。";
        time_left: "Time left", "剩餘時間";
        time_to_start: "Starts in", "距離開始";
        participants: "Bidders", "出價者";
        bids: "Bids", "出價數";
        bids_none: "No bids yet.", "尚無人出價。";
        bids_per_second: "Bids per second", "每秒出價數";
        revenue_so_far: "Revenue so far", "目前營收";
        revenue: "Revenue", "營收";
        line_price: "Price at the line", "得標門檻價格";
        threshold: "Minimum winning score", "最低得標分數";
        max_score: "Highest score", "最高分數";
        max_price: "Highest price", "最高出價";
        threshold_chart: "Minimum winning score over time", "最低得標分數變化";
        rate_chart: "Bids per second over time", "每秒出價數變化";
        history_table: "Data table", "資料表格";
        time_utc: "Time (UTC)", "時間（UTC）";
        ranking: "Ranking", "排名";
        rank: "Rank", "名次";
        bidder: "Bidder", "出價者";
        price: "Price", "價格";
        process_title: "This server", "伺服器狀態";
        queue_depth: "Bids waiting", "等待中的出價";
        recent_bids: "Bids answered, last 10 s", "10 秒內回應的出價";
        latency_p50: "Response time p50", "回應時間 p50";
        latency_p99: "Response time p99", "回應時間 p99";
        ranking_gap: "Redis ranking gap (bids)", "Redis 排名落差（筆）";
        drift: "Mismatches at settlement", "結算時排名不符的次數";
        rebuilds: "Rankings rebuilt", "排名重建次數";
        clock_error: "Clock accuracy", "時鐘誤差";
        results_none: "No campaign has ended yet.", "尚無已結束的活動。";
        results_none_hint: "Results appear here when a campaign ends.", "活動結束後結果會顯示在這裡。";
        settled_at: "Settled", "結算時間";
        sold: "Sold", "已售出";
        not_sold: "Reserved, unsold", "保留未售出";
        nothing_sold: "This campaign was cancelled. Nothing was sold, and its reserved stock was released.", "此活動已取消：未售出任何商品，保留的庫存已釋出。";
        stock_before: "Stock before", "結算前庫存";
        stock_after: "Stock after this sale", "結算後庫存";
        stock_now: "Stock now", "目前庫存";
        checks: "Checks", "檢查項目";
        check_what: "Check", "項目";
        check_found: "Actual", "實際";
        check_expected: "Expected", "應為";
        check_result: "Result", "結果";
        check_holds: "Passed", "通過";
        check_fails: "Failed", "未通過";
        check_count: "Orders", "訂單數";
        check_ranks: "Last rank (ranks must have no gaps)", "最後名次（名次須連續）";
        check_best: "Orders that do not match the best bids", "與最佳出價不符的訂單";
        check_moved: "Units taken from stock", "自庫存扣除的數量";
        check_ledger: "Stock, compared with its ledger", "庫存與其異動總和";
        consistent: "All 5 checks passed.", "5 項檢查全數通過。";
        inconsistent: "At least one check failed.", "有檢查未通過。";
        orders: "Orders", "訂單";
        orders_none: "There are no orders.", "沒有訂單。";
        time: "Time", "時間";
        exports: "Export", "匯出";
        exports_hint: "CSV in UTF-8, with times in UTC. Opens directly in spreadsheet apps.", "UTF-8 編碼的 CSV，時間為 UTC，可直接以試算表開啟。";
        export_orders: "Orders (CSV)", "訂單（CSV）";
        export_bids: "All bids (CSV)", "所有出價（CSV）";
        export_participants: "Bidders (CSV)", "出價者（CSV）";
        export_audit: "Export all (CSV)", "匯出全部（CSV）";
        search_users: "E-mail or name", "電子郵件或名稱";
        search_products: "Product name", "商品名稱";
        search_audit: "Member, action, ID or value", "會員、操作、編號或內容";
        find: "Find a product", "尋找商品";
        find_none: "No active product matches.", "沒有符合的上架商品。";
        search_none: "Nothing matches your search.", "找不到符合的項目。";
        search_none_hint: "Try a shorter search.", "請減少輸入的文字再試一次。";
        search_all: "Show all", "顯示全部";
        search_button: "Search", "搜尋";
        users_none: "There are no members yet.", "尚無會員。";
        users_none_hint: "Everyone who creates an account appears here.", "註冊的會員會顯示在這裡。";
        email: "E-mail", "電子郵件";
        weight: "Weight", "權重";
        since: "Member since", "註冊時間";
        admin: "Admin", "管理員";
        user_active: "Active", "使用中";
        user_inactive: "Deactivated", "已停用";
        somebody: "Somebody who is not signed in", "未登入者";
        from_day: "From", "起日";
        to_day: "To", "迄日";
        of_everybody: "Show everyone's", "顯示所有人";
        audit_none: "No activity yet.", "尚無紀錄。";
        audit_none_hint: "Every change made by an admin is recorded here.", "管理員的所有變更都會記錄在這裡。";
        themselves: "A member", "會員";
        nobody: "The command line", "命令列";
        action_product_create: "created the product", "建立商品";
        action_product_update: "edited the product", "編輯商品";
        action_campaign_create: "created the campaign", "建立活動";
        action_campaign_update: "edited the campaign", "編輯活動";
        action_campaign_extend: "extended the campaign", "延長活動";
        action_campaign_cancel: "cancelled the campaign", "取消活動";
        action_user_update: "edited the member", "編輯會員";
        action_user_create: "created the admin", "建立管理員";
        action_bid_void: "declared a bid void in the campaign", "判定出價無效，活動：";
        action_export: "exported the data of", "匯出資料：";
        action_create_key: "created an API key for", "建立 API 金鑰：";
        action_revoke_key: "revoked an API key of", "撤銷 API 金鑰：";
        action_sign_in: "signed in as", "登入為";
        action_refuse_sign_in: "gave a wrong password for", "密碼錯誤，帳號：";
        action_bid_restore: "made a bid valid again in the campaign", "恢復出價，活動：";
        action_user_erase: "erased the account, now called", "清除帳號，現稱";
        action_user_password: "changed the password of", "變更密碼：";
        action_second_factor_on: "turned on the second factor of", "開啟兩步驟驗證：";
        action_second_factor_off: "turned off the second factor of", "關閉兩步驟驗證：";
        rule_name: "Enter 1 to 255 characters, none of them invisible. Do not mix Latin with Cyrillic or Greek letters in one word.", "請輸入 1 至 255 個字元，不得含隱形字元，同一字詞不得混用拉丁與西里爾或希臘字母。";
        rule_description: "Enter at most 10,000 characters, none of them invisible.", "最多輸入 10,000 個字元，不得含隱形字元。";
        rule_image_url: "An http or https URL, or a path on this site.", "http 或 https 網址，或本站路徑。";
        rule_stock: "Enter a whole number from 0 to 1,000,000, not lower than what is reserved.", "請輸入 0 至 1,000,000 的整數，且不得低於已保留的數量。";
        rule_money: "Enter an amount of at least 0.01, with at most two decimals.", "請輸入至少 0.01 的金額，最多兩位小數。";
        rule_product: "Choose an active product.", "請選擇上架中的商品。";
        rule_start_time: "Enter a date and time.", "請輸入日期與時間。";
        rule_end_time: "Enter a future date and time, after the start and at most 366 days after it. A running campaign cannot end before its current end.", "請輸入未來的日期與時間，須晚於開始時間且不超過 366 天；進行中的活動不得早於目前的結束時間。";
        rule_skipped_time: "This time does not exist in the chosen zone: clocks are set forward past it. Choose an earlier or later time.", "所選時區沒有這個時間：當地時鐘在此調快而略過。請選擇較早或較晚的時間。";
        rule_zone: "Choose a time zone.", "請選擇時區。";
        rule_coefficient: "Enter a number from 0 to 100,000.", "請輸入 0 至 100,000 的數字。";
        rule_quota: "Enter a whole number from 1 to the available stock.", "請輸入 1 至可用庫存的整數。";
        rule_reason: "Enter 1 to 500 characters, none of them invisible.", "請輸入 1 至 500 個字元，不得含隱形字元。";
        rule_weight: "A number from 0.5 to 5.", "0.5 至 5 的數字。";
        rule_other: "Please check this.", "請檢查此欄位。";
    }
    templates {
        free_of(free, stock): "{free} of {stock} available", "可用 {free}／{stock}";
        product_new_effect(stock): "Stock available for campaigns: {stock}.", "可供活動使用的庫存：{stock} 件。";
        stock_promised(reserved, free): "Reserved for open campaigns: {reserved}. Available: {free}.", "已保留給未結束活動 {reserved} 件，可用 {free} 件。";
        stock_short(stock, reserved, free): "Not enough stock was available. In stock now: {stock}. Reserved for other campaigns: {reserved}. Available: {free}.", "可用庫存不足。目前庫存 {stock} 件，已保留給其他活動 {reserved} 件，可用 {free} 件。";
        stock_under_promised(reserved): "The stock cannot be lower than what is reserved for open campaigns, currently {reserved}.", "庫存不得低於已保留給未結束活動的數量（目前 {reserved} 件）。";
        campaign_now(start, end): "Current schedule: {start} to {end}.", "目前排程：{start} 至 {end}。";
        repeated_time(field, time, meant): "{field}: clocks are set back, so {time} occurs twice. The first one is used: {meant}. For the second, enter the times in UTC.", "{field}：當地時鐘調慢，{time} 會出現兩次，此處採第一次（{meant}）。若要第二次，請改以 UTC 輸入。";
        opened_at(time): "Time when this page was opened: {time}", "開啟此頁的時間：{time}";
        quota_hint_of(most): "At most {most}. Leave empty to sell all of them.", "最多 {most}，留空則全部使用。";
        quota_hint_most(most): "At most {most}.", "最多 {most}。";
        quota_hint_edit(most, current): "At most {most}. Leave empty to keep {current}.", "最多 {most}，留空則維持 {current}。";
        withdrawn_of(product): "{product}, withdrawn", "{product}，已下架";
        quota_effect(quota, stock, others, free): "Reserved for this campaign: {quota}. In stock: {stock}, reserved for other campaigns: {others}, still available: {free}.", "保留給本活動 {quota} 件。庫存 {stock} 件中，其他活動已保留 {others} 件，尚餘可用 {free} 件。";
        cancelled_because(reason): "Cancelled: {reason}", "已取消：{reason}";
        cancel_effect_bids(bids, bidders): "Bids that will be void: {bids}, from bidders: {bidders}.", "{bids} 筆出價（{bidders} 位出價者）將作廢。";
        cancel_effect_stock(units): "Reserved stock that becomes available again: {units}.", "{units} 件保留庫存將釋出。";
        cancel_effect_end(time): "Planned end: {time}. Cancelling cannot be undone.", "原定於 {time} 結束。取消後無法復原。";
        preview_reward(speed, member): "In price, the first instant is worth {speed} more, and a member weight of 5 instead of 1 {member} more.", "換算成出價，開場瞬間值 {speed}，會員權重 5 比 1 多值 {member}。";
        preview_example(price, weight): "{price}, weight {weight}", "{price}，權重 {weight}";
        preview_description(bid, first, last): "The score of a bid ({bid}) falls from {first} at the start to {last} at the end.", "出價（{bid}）的分數由開始時的 {first} 降至結束時的 {last}。";
        about(what, product): "{what}: {product}", "{what}：{product}";
        monitor_late(seconds): "These numbers are more than {seconds} seconds old.", "這些數字已超過 {seconds} 秒未更新。";
        threshold_description(threshold, best): "The last minimum winning score is {threshold}, the last highest score {best}.", "最後的最低得標分數為 {threshold}，最高分數為 {best}。";
        rate_description(most): "Peak so far: {most} bids per second.", "目前最高為每秒 {most} 筆。";
        top_of(shown, places): "Top {shown} of {places} places", "前 {shown} 名（共 {places} 個名額）";
        process_hint(process): "Process {process}. Every other process has its own numbers.", "以下為程序 {process} 的數字，其他程序各有自己的數字。";
        check_least(winners, quota, stock, bidders): "{winners} = smallest of winning places {quota}, stock {stock}, bidders {bidders}", "{winners} = 名額 {quota}、庫存 {stock}、出價者 {bidders} 的最小值";
        find_all(found): "Found: {found}. A chosen product is always listed.", "找到 {found} 項，已選商品一律列出。";
        find_some(listed, found): "The list below shows the newest {listed} of {found}. Search for others.", "下方列出最新的 {listed} 項（共 {found} 項），其他商品請搜尋。";
        search_rule(most): "Use at most {most} characters, without line breaks or other control characters.", "最多 {most} 個字元，且不得含換行等控制字元，請修改後再試。";
        weight_effect(user): "New bids by {user} are scored with the new weight. Earlier bids keep their score.", "{user} 此後的出價以新權重計分；先前的分數不變。";
        only_of(person): "Only actions by {person}.", "僅顯示 {person} 的操作。";
        void_effect(user): "The bid leaves the ranking at once and wins nothing. {user} may bid again. Until the settlement you can make the bid valid again.", "此出價立即退出排名且不會得標，{user} 可以重新出價。結算前您可以恢復此出價。";
        bid_void_because(reason): "Void: {reason}", "無效：{reason}";
        block_effect(user): "{user} will be signed out everywhere and cannot bid. Their bids in open campaigns are void until the account is active again.", "{user} 將在所有裝置登出且無法出價；未結束活動中的出價在帳號恢復前一律無效。";
    }
    counts {
    }
}

impl AdminMessages {
    /// What a form's field must be, by its name.
    pub fn field_rule(&self, field: &str) -> &'static str {
        match field {
            "name" => self.rule_name,
            "description" => self.rule_description,
            "image_url" => self.rule_image_url,
            "stock" => self.rule_stock,
            "min_price" => self.rule_money,
            "product_id" => self.rule_product,
            "start_time" => self.rule_start_time,
            "end_time" => self.rule_end_time,
            "zone" => self.rule_zone,
            "alpha" | "beta" | "gamma" => self.rule_coefficient,
            "quota" => self.rule_quota,
            "reason" => self.rule_reason,
            "weight" => self.rule_weight,
            _ => self.rule_other,
        }
    }

    /// An action of the audit log in words, between who acted and on what; its name where there are none.
    pub fn action(&self, action: &str) -> String {
        let words = self.actions().into_iter().find(|(name, _)| *name == action).map(|(_, words)| words);
        words.unwrap_or(action).to_owned()
    }

    /// The names of the audit log's actions whose words in any language contain `text`, ignoring case.
    pub fn actions_in_words(text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let actions = [&EN, &ZH_TW].into_iter().flat_map(Self::actions);
        let found = actions.filter(|(_, words)| words.to_lowercase().contains(&text));
        found.map(|(name, _)| name.to_owned()).collect()
    }

    /// The actions of the audit log: names and words.
    fn actions(&self) -> [(&'static str, &'static str); 20] {
        [
            ("product.create", self.action_product_create),
            ("product.update", self.action_product_update),
            ("campaign.create", self.action_campaign_create),
            ("campaign.update", self.action_campaign_update),
            // An edit, too, by the words on the page.
            ("campaign.update", self.action_campaign_extend),
            ("campaign.cancel", self.action_campaign_cancel),
            ("user.update", self.action_user_update),
            ("user.create", self.action_user_create),
            ("campaign.void_bid", self.action_bid_void),
            ("campaign.restore_bid", self.action_bid_restore),
            ("campaign.export", self.action_export),
            ("user.export", self.action_export),
            ("user.create_api_key", self.action_create_key),
            ("user.revoke_api_key", self.action_revoke_key),
            ("user.sign_in", self.action_sign_in),
            ("user.refuse_sign_in", self.action_refuse_sign_in),
            ("user.password", self.action_user_password),
            ("user.second_factor_on", self.action_second_factor_on),
            ("user.second_factor_off", self.action_second_factor_off),
            ("user.erase", self.action_user_erase),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_found_by_their_words_in_any_language() {
        assert_eq!(AdminMessages::actions_in_words("edited the MEMBER"), ["user.update"]);
        assert_eq!(AdminMessages::actions_in_words("取消活動"), ["campaign.cancel"]);
        assert_eq!(AdminMessages::actions_in_words("edited"), ["product.update", "campaign.update", "user.update"]);
        assert!(AdminMessages::actions_in_words("no such action").is_empty());
    }
}

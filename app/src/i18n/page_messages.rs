//! The messages of the pages for visitors and members.

use super::catalog::catalog;

catalog! {
    /// Messages of pages.
    PageMessages
    texts {
        /// Slogan in the footer.
        tagline: "Real-time auctions: the best bids win.", "即時競標，最佳出價得標。";
        /// Skip link, the first of every page.
        skip_to_content: "Skip to content", "跳至主要內容";
        /// Accessible name of the navigation.
        nav_label: "Main", "主選單";
        /// Navigation link to the home page.
        nav_campaigns: "Campaigns", "競標活動";
        /// Navigation link to, and title of, "My bids".
        nav_bids: "My bids", "我的出價";
        /// Navigation link to the orders.
        nav_orders: "My orders", "我的訂單";
        /// Navigation link to the admin area.
        nav_admin: "Admin", "管理";
        /// Accessible name of the language switch.
        language: "Language", "語言";
        /// Accessible name of the theme switch.
        theme: "Theme", "外觀";
        /// Name of the system's theme.
        theme_system: "System", "跟隨系統";
        /// Name of the light theme.
        theme_light: "Light", "淺色";
        /// Name of the dark theme.
        theme_dark: "Dark", "深色";
        /// Before the name of the time zone in the footer.
        times_in: "Times are in", "顯示時區：";
        /// Before the user's name, for screen readers.
        profile_of: "Profile of", "個人資料：";
        /// Title, link and button of signing in.
        sign_in: "Sign in", "登入";
        /// Button that signs out.
        sign_out: "Sign out", "登出";
        /// Notice shortly before the session expires.
        session_ending: "You will be signed out soon.", "您即將自動登出。";
        /// Button that renews the session.
        session_stay: "Stay signed in", "保持登入";
        /// Notice after the session has expired.
        session_over: "Your session has ended. Sign in to continue.", "您的登入已失效，重新登入即可繼續。";
        /// After it, on a page where something can be typed.
        session_typed: "What you typed will be kept.", "已輸入的內容會保留。";
        /// Notice that another user has signed in, in another tab.
        session_changed: "You are now signed in with a different account, from another tab.", "您已在另一個分頁改用其他帳號登入。";
        /// Notice that the visitor has signed in, in another tab.
        session_begun: "You signed in from another tab.", "您已在另一個分頁登入。";
        /// Notice on a visitor's page of a blocked account that is active again.
        account_active_again: "Your account is active again.", "您的帳號已恢復使用。";
        /// Link that reloads the page.
        session_reload: "Reload", "重新載入";
        /// Title, link and button of registering.
        register: "Create account", "註冊";
        /// No password was typed to sign in.
        password_missing: "Enter your password.", "請輸入密碼。";
        /// Title of, and link to, the page of the second factor.
        second_factor: "Two-step sign-in", "兩步驟驗證";
        /// What it is.
        second_factor_hint: "When you sign in, you are asked for a code of an authenticator app as well as your password.", "登入時，除了密碼還需輸入驗證器應用程式產生的驗證碼。";
        /// What turning it on does.
        second_factor_ends: "You will be signed out everywhere else, and your API keys will end.", "您將在其他裝置登出，API 金鑰也會失效。";
        /// On the profile of an admin who must turn it on.
        second_factor_needed: "Administrators of this site need two-step sign-in. Until you turn it on, you have the rights of a member.", "本站管理員須使用兩步驟驗證；開啟前，您僅有一般會員的權限。";
        /// Above the picture to scan.
        second_factor_scan: "Scan this picture with your authenticator app, then enter the code that it shows.", "以驗證器應用程式掃描此圖，再輸入顯示的驗證碼。";
        /// Accessible name of the picture.
        second_factor_picture: "QR code for the authenticator app", "驗證器應用程式用的 QR 碼";
        /// Before the secret.
        second_factor_type: "Or enter this key in the app:", "或在應用程式中輸入此金鑰：";
        /// Button that turns it on.
        second_factor_turn_on: "Turn on", "開啟";
        /// Button that turns it off.
        second_factor_turn_off: "Turn off", "關閉";
        /// Badge where it is on.
        second_factor_is_on: "On", "已開啟";
        /// Line of success after turning it on.
        done_second_factor_on: "Two-step sign-in is on.", "兩步驟驗證已開啟。";
        /// Line of success after turning it off.
        done_second_factor_off: "Two-step sign-in is off.", "兩步驟驗證已關閉。";
        /// Above the recovery codes.
        recovery_codes_once: "Keep these recovery codes in a safe place. Each signs you in once if you lose the app. They are not shown again.", "請妥善保存這些備用碼。遺失應用程式時，每組可登入一次，且不會再次顯示。";
        /// Label of a code.
        code: "Code", "驗證碼";
        /// Hint under it where it is set up.
        code_of_app_hint: "Six digits from your authenticator app.", "驗證器應用程式的六位數字。";
        /// Hint under it where signing in takes one.
        code_hint: "Six digits from your authenticator app, or a recovery code.", "驗證器應用程式的六位數字，或一組備用碼。";
        /// A code that is not right.
        code_wrong: "This code is not right, or it has been used. Enter the next one.", "驗證碼錯誤或已使用過，請輸入下一組。";
        /// The password was typed too long ago.
        code_too_late: "Too much time has passed. Sign in again.", "已逾時，請重新登入。";
        /// Link to, and title of, the page to ask for a new password on.
        forgot_password: "Forgot your password?", "忘記密碼？";
        /// What happens on that page.
        reset_request_hint: "Enter your e-mail address, and we will send you a link to set a new password.", "輸入您的電子郵件，我們會寄送設定新密碼的連結。";
        /// Button that sends the link.
        reset_request: "Send the link", "寄送連結";
        /// Where no mail server is set.
        reset_unavailable: "This site cannot send e-mail. Ask its operator to set a new password for you.", "本站無法寄送電子郵件，請聯絡管理單位為您重設密碼。";
        /// Line of success after the link was asked for. It does not tell whether there is an account.
        done_reset_requested: "If this address has an account, a link is on its way. It can be used once, within an hour.", "若此電子郵件已註冊，連結將寄達您的信箱；連結一小時內有效，僅能使用一次。";
        /// Title of the page that sets a new password.
        reset_title: "Set a new password", "設定新密碼";
        /// What happens there.
        reset_hint: "You will be signed out everywhere, and your API keys will end.", "您將在所有裝置登出，API 金鑰也會失效。";
        /// Button that sets the password.
        reset_button: "Set password", "設定密碼";
        /// Line of success after that.
        done_password_reset: "Your new password is set. Sign in with it.", "新密碼已設定，請以新密碼登入。";
        /// A link in an e-mail that is good for nothing any more.
        link_used_up: "This link has expired or has been used.", "此連結已過期或已使用過。";
        /// Link to the page to ask for another.
        reset_again: "Get a new link", "重新取得連結";
        /// Badge beside a confirmed address.
        email_confirmed: "Confirmed", "已驗證";
        /// Beside an address that is not.
        email_unconfirmed: "Your address is not confirmed yet. If you forget your password, the link to set a new one goes there.", "您的電子郵件尚未驗證。忘記密碼時，重設連結會寄到這裡。";
        /// Button that sends the link.
        confirm_request: "Send a confirmation link", "寄送驗證連結";
        /// Line of success after that.
        done_confirmation_requested: "The link is on its way. If nothing arrives, look in the spam folder.", "連結已寄出。若未收到，請查看垃圾郵件匣。";
        /// Title of the page that confirms an address.
        confirm_title: "Confirm your address", "驗證電子郵件";
        /// Button that confirms it.
        confirm_button: "Confirm", "確認";
        /// Link to the page to ask for another.
        confirm_again: "Get a new link on your profile page", "到個人資料頁重新取得連結";
        /// Line of success after that.
        done_email_confirmed: "Your address is confirmed.", "您的電子郵件已驗證。";
        /// Subject of the e-mail with the link to set a new password.
        mail_reset_subject: "Set a new Gavel password", "設定新的 Gavel 密碼";
        /// Subject of the e-mail with the link to confirm an address.
        mail_confirm_subject: "Confirm your address for Gavel", "驗證您的 Gavel 電子郵件";
        /// Before the link to register.
        no_account_yet: "No account yet?", "還沒有帳號？";
        /// Before the link to sign in.
        have_account: "Already have an account?", "已有帳號？";
        /// Label of an e-mail address.
        email: "E-mail", "電子郵件";
        /// Label of a password.
        password: "Password", "密碼";
        /// Label of a member's display name.
        username: "Display name", "公開名稱";
        /// Title of the home page.
        campaigns_title: "Campaigns", "競標活動";
        /// Section of running campaigns.
        campaigns_live: "Live", "進行中";
        /// Section of upcoming campaigns.
        campaigns_upcoming: "Upcoming", "即將開始";
        /// Section of ended campaigns.
        campaigns_ended: "Ended", "已結束";
        /// Home page without campaigns.
        campaigns_none: "There are no campaigns yet.", "目前沒有任何活動。";
        /// Hint under an empty list of campaigns.
        campaigns_none_hint: "Check back soon: new campaigns appear here.", "請稍後再來，新活動會顯示在這裡。";
        /// Label of the minimum price.
        min_price: "Minimum price", "最低價格";
        /// Label of the number of winning places.
        places: "Places", "得標名額";
        /// Summary of the explanation of the score.
        how_scored: "How bids are ranked", "排名方式";
        /// Summary of a product's description.
        about_product: "Details", "商品介紹";
        /// Who is ahead of equal scores.
        scored_ties: "The most points win. At equal points the earlier bid is ahead.", "分數高者得標，同分時先出價者在前。";
        /// Notice for browsers without scripts.
        no_script: "Without JavaScript, this page does not update by itself. Reload it to see the latest ranking.", "未啟用 JavaScript，本頁不會自動更新。重新載入即可查看最新排名。";
        /// Notice that the islands' code could not be loaded.
        standstill: "Live updates are not available.", "無法即時更新。";
        /// Link after that notice.
        reload: "Reload to see the latest state", "重新載入以查看最新狀態";
        /// Title of the orders.
        orders_title: "My orders", "我的訂單";
        /// Orders page without orders.
        orders_none: "You have no orders yet.", "您還沒有訂單。";
        /// Hint under it.
        orders_none_hint: "When a campaign you won is settled, your order appears here.", "您得標的活動結算後，訂單會顯示在這裡。";
        /// Accessible name of a pager.
        pager: "Pages", "分頁";
        /// A page past the end of its list.
        pager_past_end: "This page is past the end of the list.", "此頁已超出清單範圍。";
        /// Under it: link to the first page.
        pager_first: "First page", "第一頁";
        /// In place of a name without visible characters.
        unnamed: "(no name)", "（未命名）";
        /// Link to the previous page of a list.
        previous: "Previous", "上一頁";
        /// Link to the next page of a list.
        next: "Next", "下一頁";
        /// Label and column heading of a product.
        product: "Product", "商品";
        /// Column heading of a campaign.
        campaign: "Campaign", "活動";
        /// Label of the price to pay.
        final_price: "Amount due", "應付金額";
        /// Label of the final rank.
        final_rank: "Final rank", "最終名次";
        /// Column heading of a status.
        status: "Status", "狀態";
        /// Status of a confirmed order.
        order_confirmed: "Confirmed", "已確認";
        /// Section of products.
        products: "Products", "商品";
        /// Section without products.
        products_none: "There are no products yet.", "尚無商品。";
        /// Label and column heading of a product's name.
        name: "Name", "名稱";
        /// Label of a description.
        description: "Description", "描述";
        /// Label of the URL of a picture.
        image_url: "Image URL", "圖片網址";
        /// Label and column heading of the stock.
        stock: "Stock", "庫存";
        /// Button that creates a record.
        create: "Create", "建立";
        /// First option of a choice.
        choose: "Choose", "請選擇";
        /// Label of the start.
        start_time: "Start (UTC)", "開始時間（UTC）";
        /// Label of the end.
        end_time: "End (UTC)", "結束時間（UTC）";
        /// Label of alpha.
        alpha: "Alpha: points per unit of price", "Alpha：每單位價格的分數";
        /// Label of beta.
        beta: "Beta: points for speed", "Beta：速度分數";
        /// Label of gamma.
        gamma: "Gamma: points per unit of member weight", "Gamma：每單位會員權重的分數";
        /// Label of the quota.
        quota: "Winning places", "得標名額";
        /// Hint for the quota.
        quota_hint: "Leave empty to sell all available units.", "留空則使用全部可用庫存。";
        /// After the label of an optional field.
        optional: "optional", "選填";
        /// Hint for a member's display name.
        username_hint: "Shown publicly with your bids. 1 to 100 characters.", "會隨您的出價公開顯示，1 至 100 個字元。";
        /// Label of the button that shows a password.
        show_password: "Show password", "顯示密碼";
        /// Introduction of the home page.
        campaigns_intro: "Limited stock, live bidding. When time runs out, the best bids win.", "限量商品，即時競標。時間一到，最佳出價得標。";
        /// Note above the cards of running campaigns.
        campaigns_freshness: "Prices and bidder counts refresh every few seconds.", "價格與出價人數每隔幾秒更新。";
        /// Accessible name of the filters of a list.
        filter: "Filter", "篩選";
        /// Filter for all campaigns.
        all: "All", "全部";
        /// Empty list of running campaigns.
        campaigns_none_live: "Nothing is live right now.", "目前沒有進行中的活動。";
        /// Empty list of upcoming campaigns.
        campaigns_none_upcoming: "Nothing is planned right now.", "目前沒有即將開始的活動。";
        /// Empty list of ended campaigns.
        campaigns_none_ended: "No campaign has ended yet.", "目前沒有已結束的活動。";
        /// Label of the price that gets the reader into the winning places.
        price_to_enter: "Price to get in", "入圍價格";
        /// The same for a visitor, who has no weight yet.
        price_to_enter_new: "Price to get in (new members)", "入圍價（新會員）";
        /// Label of the reader's own price, if it wins as things stand.
        my_winning_price: "You're winning at", "您目前得標價";
        /// Label of what the last winner pays.
        last_winning_price: "Last winning price", "最後得標價";
        /// Label of the number of bidders.
        bidders: "Bidders", "出價人數";
        /// Note between the end and the result.
        settling: "The result is being settled", "結果結算中";
        /// Instead of the time left, once a campaign has ended by the clock.
        time_is_up: "Time is up; waiting for the result.", "時間到，等候結果。";
        /// Instead of the time left, once a campaign has started by the clock.
        start_has_passed: "The start time has passed", "開始時間已過";
        /// Before the end of an ended campaign.
        ended_at: "Ended", "結束於";
        /// Before the planned end of a cancelled campaign.
        was_to_end: "Planned end", "原定結束時間";
        /// Notice under a list that could not be refreshed for a while.
        list_late: "Not up to date. Trying again.", "內容並非最新，正在重試。";
        /// Filter for running campaigns.
        bids_running: "Running", "進行中";
        /// Filter for ended campaigns.
        bids_ended: "Ended", "已結束";
        /// Heading of running bids outside the quota.
        bids_losing: "Outbid", "已被超越";
        /// Heading of running bids within the quota.
        bids_winning: "Winning", "目前得標中";
        /// "My bids" without running campaigns.
        bids_none: "You have no bids in running campaigns.", "您目前沒有進行中的出價。";
        /// "My bids" without ended campaigns.
        bids_none_ended: "You have no bids in ended campaigns.", "您還沒有已結束的出價。";
        /// Hint under an empty list of bids.
        bids_none_hint: "Campaigns you bid in appear here, with your rank.", "您出價的活動會連同名次顯示在這裡。";
        /// Link to the running campaigns.
        bids_find: "See live campaigns", "查看進行中的活動";
        /// Link to the bid form.
        bids_raise: "Raise my bid", "提高出價";
        /// Link to the order of a won campaign.
        bids_order: "See my order", "查看訂單";
        /// Accessible name of the history.
        bids_history_title: "History", "出價紀錄";
        /// Label of the reader's price.
        my_price: "My bid", "我的出價";
        /// Badge of a bid within the quota.
        bid_winning: "Winning", "目前得標中";
        /// Badge of a bid outside the quota.
        bid_losing: "Outbid", "已被超越";
        /// Badge of a bid that won.
        bid_won: "Won", "已得標";
        /// Badge of a bid that did not win.
        bid_lost: "Did not win", "未得標";
        /// Column heading of the time of receipt.
        received: "Received", "收到時間";
        /// Label of the order number.
        order_number: "Order number", "訂單編號";
        /// Title of the profile.
        profile_title: "Profile", "個人資料";
        /// Section of the account.
        profile_account: "Account", "帳號";
        /// Section of the password.
        profile_password: "Password", "密碼";
        /// Label of the password that is valid so far.
        current_password: "Current password", "目前密碼";
        /// Label of the password to come.
        new_password: "New password", "新密碼";
        /// What a change of the password does.
        password_change_hint: "Changing it signs you out everywhere else.", "變更後，其他裝置上的登入會全部登出。";
        /// Button that changes the password.
        change_password: "Change password", "變更密碼";
        /// Section of the API keys.
        api_keys: "API keys", "API 金鑰";
        /// What they are for.
        api_keys_hint: "For programs that act for you. A change of your password revokes them all.", "供程式以您的身分使用。變更密碼會撤銷所有金鑰。";
        /// Link to the description of the API.
        api_docs: "API reference", "API 說明文件";
        /// Instead of the list, if there are none.
        api_keys_none: "You have no API keys.", "您沒有 API 金鑰。";
        /// Heading of the form.
        api_key_new: "New API key", "新的 API 金鑰";
        /// Above the token of a new key.
        api_key_once: "This is the new key. Copy it now: it is not shown again.", "這是新的金鑰，請立即複製；之後不會再顯示。";
        /// Label of a key's name.
        api_key_name: "Name", "名稱";
        /// Hint of that field.
        api_key_name_hint: "What tells it from your other keys.", "用來與其他金鑰區別。";
        /// Label of a key's scope.
        api_key_scope: "It may", "可以";
        /// Label of how many days it lasts.
        api_key_days: "Days until it ends", "有效天數";
        /// Before the end of a key.
        api_key_until: "until", "有效至";
        /// Button that creates a key.
        create_key: "Create API key", "建立 API 金鑰";
        /// Button that revokes a key.
        revoke: "Revoke", "撤銷";
        /// A scope.
        scope_read: "read", "讀取";
        /// A scope.
        scope_bid: "read and bid", "讀取與出價";
        /// A scope.
        scope_admin: "do everything you may do in the API", "執行您在 API 中可做的一切";
        /// Line of success.
        done_api_key_created: "The API key was created.", "已建立 API 金鑰。";
        /// Line of success.
        done_api_key_revoked: "The API key was revoked.", "已撤銷 API 金鑰。";
        /// Section of the sessions.
        profile_sessions: "Signed in on", "已登入的裝置";
        /// Mark of the session the page belongs to.
        this_session: "This device", "目前裝置";
        /// A session of a client that did not say what it is.
        unknown_device: "Unknown device", "不明裝置";
        /// Before the time of a sign-in.
        signed_in_at: "Signed in", "登入時間";
        /// Button that ends all other sessions.
        end_other_sessions: "Sign out everywhere else", "登出其他所有裝置";
        /// Line of success.
        done_password_changed: "Your password was changed. You are signed out everywhere else.", "密碼已變更，其他裝置已全部登出。";
        /// Line of success.
        done_session_ended: "That device is signed out.", "該裝置已登出。";
        /// Line of success.
        done_other_sessions_ended: "You are signed out everywhere else.", "其他裝置已全部登出。";
        /// Section of the language and theme.
        profile_look: "Language and theme", "語言與外觀";
        /// Label of the date of registration.
        member_since: "Member since", "註冊時間";
        /// Label of the member's weight.
        weight: "Member weight", "會員權重";
        /// What the weight means.
        weight_hint: "Adds points to each of your bids; how many depends on the campaign. The higher it is, the less you need to bid for the same place. An administrator sets it, from 0.5 to 5.", "您的每筆出價都會依此權重加分，分數視活動而定。權重越高，取得同一名次所需的出價越低。權重由管理員設定，範圍為 0.5 至 5。";
        /// Title of the 404 page.
        not_found_title: "Page not found", "找不到頁面";
        /// Hint on the 404 page.
        not_found_hint: "The page you are looking for does not exist or has moved.", "您要找的頁面不存在或已移動。";
        /// Title of the 401 and 403 pages.
        forbidden_title: "Not allowed", "權限不足";
        /// After the error, if the form that was sent is kept.
        forbidden_form_kept: "The submitted form is kept for a day. It appears here once an administrator signs in.", "已送出的表單會保留一天，管理員登入後會顯示在這裡。";
        /// Title of other error pages.
        failed_title: "Temporarily unavailable", "暫時無法使用";
        /// Line of success after the account was erased.
        done_account_erased: "Your account was erased.", "您的帳號資料已清除。";
        /// Title of, and link to, the page of the reader's data.
        data_title: "Your data", "您的資料";
        /// Heading of the download.
        data_download: "Download", "下載";
        /// What is in the download.
        data_download_hint: "Your account, sessions, API keys, bids and orders, as a JSON file.", "您的帳號、登入裝置、API 金鑰、出價與訂單，以 JSON 檔提供。";
        /// Link to the download.
        data_download_button: "Download my data", "下載我的資料";
        /// Heading of the erasure.
        erase_title: "Erase my account", "清除我的帳號";
        /// What the erasure does.
        erase_hint: "Your name, e-mail address, password, sessions and API keys are erased for good. Your bids and orders stay, under a pseudonym. So do entries of the audit log about changes that admins have made to your account.", "您的名稱、電子郵件、密碼、登入裝置與 API 金鑰將永久清除。出價與訂單會以化名保留；管理員變更您帳號的稽核紀錄亦會保留。";
        /// Instead of the form, for admins.
        erase_not_admins: "An admin's account cannot be erased.", "管理員帳號無法清除。";
        /// Refusal while a bid takes part in a campaign.
        erase_open_bids: "You have a bid in a campaign that has not ended. Come back once it has.", "您在尚未結束的活動中仍有出價，請於活動結束後再試。";
        /// Button that erases the account.
        erase_button: "Erase for good", "永久清除";
        /// Summary and title of the chart of a campaign's points.
        chart_title: "Points over time", "分數變化";
        /// Alternative text of the chart.
        chart_alt: "Line chart of the points of the last winning place and, once you have bid, of yours.", "折線圖：得標門檻的分數，以及您出價後的分數。";
        /// Below the chart of a running campaign.
        chart_hint: "Drawn when you opened it. Reload the page for a newer one.", "圖表為開啟當下的狀態，重新載入頁面即可更新。";
        /// Key to the line of the last winning place.
        chart_threshold: "Last winning place", "得標門檻";
        /// Key to the line of the reader's points.
        chart_mine: "You", "您";
        /// Instead of a chart.
        chart_empty: "Nothing to draw: not all places are taken.", "沒有可繪製的資料：名額未滿。";
        /// Link to the page with the ranking.
        full_ranking: "Full ranking", "完整排名";
        /// Accessible name of the table on that page.
        ranking_table: "Ranking", "排名";
        /// Before the time of the ranking.
        ranking_as_of: "As of", "統計時間";
        /// Instead of a ranking.
        ranking_none: "No bids.", "沒有出價。";
        /// Link from a page about a campaign to its own.
        back_to_campaign: "Back to the campaign", "返回活動";
        /// Link to the home page.
        back_home: "All campaigns", "所有活動";
    }
    templates {
        /// Text of the e-mail with the link to set a new password: the member's name, the link.
        mail_reset_text(name, link): "Hello {name},\n\nsomebody, probably you, has asked for a new password for your account. Set it here, within an hour:\n\n{link}\n\nIf you did not ask, ignore this message: your password stays as it is.\n", "{name} 您好：\n\n我們收到重設密碼的要求。請於一小時內開啟下列連結設定新密碼：\n\n{link}\n\n若非您本人要求，請忽略此信，您的密碼不會變更。\n";
        /// Text of the e-mail with the link to confirm an address: the link. It has nothing that whoever registered has typed.
        mail_confirm_text(link): "Hello,\n\nplease confirm that this address is yours:\n\n{link}\n\nIf you have no account with us, ignore this message.\n", "您好：\n\n請開啟下列連結，確認這是您的電子郵件：\n\n{link}\n\n若您未在本站註冊，請忽略此信。\n";
        /// Title of the page with a product's ranking.
        ranking_of(product): "{product}: full ranking", "{product}：完整排名";
        /// Above a ranking with more bidders than rows.
        ranking_first(rows, bidders): "The first {rows} of {bidders} bidders.", "{bidders} 位出價者中的前 {rows} 位。";
        /// Accessible name of the button that revokes a key.
        revoke_key(name): "Revoke {name}", "撤銷 {name}";
        bid_was_void(reason): "Your bid was declared void: {reason}", "您的出價已被判定無效：{reason}";
        bid_voided(reason): "Your bid was declared void: {reason} You may bid again.", "您的出價已被判定無效：{reason} 您可以重新出價。";
        /// Accessible name of the button that ends a session: the device.
        sign_out_device(device): "Sign out {device}", "登出 {device}";
        /// Label of the theme switch: the current theme, the next one.
        theme_switch(current, next): "Theme: {current}. Switch to: {next}", "外觀：{current}。切換為：{next}";
        /// Link to the bid form, with the price that gets the reader back into the winning places.
        bids_enter(price): "Bid {price} to get in", "出價 {price} 即可入圍";
        /// The formula of the score: alpha, beta, gamma.
        how_scored_detail(alpha, beta, gamma): "Score = {alpha} × price + {beta} ÷ (milliseconds since the start + 1) + {gamma} × member weight. Higher scores rank first; at equal scores, the earlier bid ranks first.", "分數 = {alpha} × 出價 + {beta} ÷（開始後的毫秒數 + 1）+ {gamma} × 會員權重。分數高者在前；同分時，先出價者在前。";
        /// What the price is worth: points, currency symbol.
        scored_price(points, currency): "Points for each {currency}1 of the price: {points}.", "價格：每 {currency}1 得 {points} 分。";
        /// What the member weight is worth: points per unit of weight.
        scored_member(points): "Member bonus: {points} points per unit of member weight.", "會員加分：會員權重每 1 得 {points} 分。";
        /// What the reader's member weight is worth: points, weight.
        scored_member_mine(points, weight): "Member bonus: +{points} points on every bid of yours. Your member weight is {weight}.", "會員加分：您的每筆出價 +{points} 分（會員權重 {weight}）。";
        /// What speed is worth: points in the first millisecond and after a second.
        scored_speed(most, later): "Speed bonus: up to {most} points in the first instant, {later} after one second, and quickly less.", "速度加分：開場瞬間最多 {most} 分，一秒後 {later} 分，之後迅速減少。";
        /// Rows on a page: first, last, total.
        pager_rows(first, last, total): "{first} to {last} of {total}", "第 {first} 至 {last} 筆，共 {total} 筆";
        /// Announced when the reader is outbid: the product.
        bids_outbid(product): "You have been outbid: {product}.", "您已被超越：{product}。";
        /// Announced when a campaign of the list has ended: the product.
        bids_over(product): "Bidding has ended: {product}. See “Ended”.", "競標已截止：{product}。請見「已結束」。";
        /// Announced when a campaign of the list was cancelled: the product.
        bids_cancelled(product): "Cancelled: {product}. See “Ended”.", "活動已取消：{product}。請見「已結束」。";
        /// A rank and the number of bidders.
        rank_of(rank, bidders): "{rank} of {bidders}", "第 {rank} 名，共 {bidders} 人";
    }
    counts {
        /// Under it: the number of rows.
        pager_total(count): "The list has {count} entry.", "The list has {count} entries.", "共有 {count} 筆。";
        /// Number of winning places without a bidder.
        places_free(count): "{count} winning place still free", "{count} winning places still free", "尚有 {count} 個得標名額";
        /// Summary of the history: the number of bids.
        bids_history(count): "History: {count} accepted bid", "History: {count} accepted bids", "出價紀錄：{count} 筆";
    }
}

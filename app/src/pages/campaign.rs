//! A campaign's page: the product and the live island.

use crate::{
    campaign_model::{
        price_input::TypedPrice,
        snapshot::{BidState, CampaignSnapshot, Me, Outcome, Refusal, Schedule, Terms},
        versioned_standing::VersionedStanding,
    },
    chart::{CHART_HEIGHT, CHART_WIDTH},
    components::product_picture::product_picture,
    format::{currency_symbol, isolated, shortest},
    islands::{LiveCampaign, is_in_lobby},
    layout::{PageContent, render_page},
    page_context::{PageContext, PageError},
};
use domain::{
    CampaignId, CampaignStatus, ErrorCode,
    api::campaigns::{Campaign, CampaignDetail},
    limits,
    score::Coefficient,
};
use leptos::prelude::*;

/// `/campaigns/{id}`.
#[component]
pub fn CampaignPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let id: CampaignId = context.path_id().parse().map_err(|_| ErrorCode::CampaignNotFound)?;
        let detail = context.engine.rankings.campaign(id).await?;
        let snapshot = snapshot(&context, &detail).await?;
        let product = detail.campaign.product.clone();
        let in_lobby = is_in_lobby(&snapshot);
        let class = if in_lobby { "campaign-page lobby" } else { "campaign-page" };
        let over = snapshot.result.is_some() || snapshot.schedule.status == CampaignStatus::Cancelled;
        let void_reason = match (&context.user, snapshot.standing) {
            // Without it the page is still of use.
            (Some(user), None) => context.engine.rankings.void_reason(user.user_id, id).await.ok().flatten(),
            _ => None,
        };
        let void_notice = void_reason.map(|reason| {
            let reason = isolated(&reason);
            if over { t.bid_was_void(&reason) } else { t.bid_voided(&reason) }
        });
        let typed = TypedPrice(context.form_error().and_then(|_| context.typed("price")));
        let body = view! {
            {void_notice.map(|notice| view! { <p class="notice bad" role="status">{notice}</p> })}
            <div class="product" id="product">
                <div class="picture">{product_picture(&product)}</div>
                <div class="product-text">
                    {product.description.map(|text| description(&context, text))}
                    {scoring(&context, &detail.campaign, in_lobby)}
                </div>
            </div>
            {(!over).then(|| view! { <noscript><p class="notice">{t.no_script}</p></noscript> })}
            <leptos::context::Provider value=typed>
                <LiveCampaign snapshot=snapshot />
            </leptos::context::Provider>
            {more(&context, id, over)}
        };
        Ok(PageContent { class: Some(class), ..PageContent::new(product.name, body) })
    })
}

async fn snapshot(context: &PageContext, detail: &CampaignDetail) -> Result<CampaignSnapshot, PageError> {
    let (engine, campaign) = (&context.engine, &detail.campaign);
    let id = campaign.campaign_id;
    let me = context.user.as_ref().map(|user| Me { user_id: user.user_id, weight: user.weight });
    let quota = u32::try_from(campaign.quota.get()).unwrap_or(u32::MAX);
    let standing = match &context.user {
        Some(user) => VersionedStanding::of_mine(&engine.rankings.my_standing(user, id).await?),
        None => None,
    };
    // Loaded after the standing, so that it is not older. As many rows as a frame of the feed holds.
    let ranking = engine.rankings.ranking(id, Some(quota.min(limits::FEED_ROWS_MAX))).await?;
    let result = match campaign.settled_at {
        Some(_) => engine.orders.outcome(me.map(|me| me.user_id), id).await?.as_ref().map(Outcome::from),
        None => None,
    };
    Ok(CampaignSnapshot {
        lang: context.lang,
        campaign_id: id,
        name: campaign.product.name.clone(),
        terms: Terms::from(campaign),
        me,
        schedule: Schedule::from(campaign),
        was_extended: engine.campaigns.was_extended(id).await?,
        server_ms: engine.clock.now().unix_millis(),
        ranking: ranking.into(),
        standing,
        result,
        bid: bid_state(context, standing),
    })
}

/// The outcome of a bid sent by a plain form. The standing bid comes from the ranking, not from the query, so that a
/// crafted link cannot invent one.
fn bid_state(context: &PageContext, standing: Option<VersionedStanding>) -> BidState {
    if let Some(error) = context.form_error() {
        return BidState::Refused(Refusal::from(&error));
    }
    match (context.query("bid").as_deref(), standing) {
        (Some("accepted"), Some(standing)) => BidState::Accepted { price: standing.price, received_ms: None },
        (Some("kept"), Some(standing)) => BidState::Kept { price: standing.price },
        _ => BidState::Idle,
    }
}

fn description(context: &PageContext, text: String) -> impl IntoView + use<> {
    let t = context.page_messages();
    view! {
        <details>
            <summary>{t.about_product}</summary>
            <p class="description" dir="auto" tabindex="0">{text}</p>
        </details>
    }
}

/// What a reader may want to look up, loaded only on demand.
fn more(context: &PageContext, id: CampaignId, over: bool) -> impl IntoView + use<> {
    let t = context.page_messages();
    let hint = (!over).then(|| view! { <p class="hint">{t.chart_hint}</p> });
    view! {
        <section class="card campaign-more">
            <details>
                <summary>{t.chart_title}</summary>
                <img
                    src=format!("/campaigns/{id}/chart.svg")
                    alt=t.chart_alt
                    width=CHART_WIDTH
                    height=CHART_HEIGHT
                    loading="lazy"
                />
                {hint}
            </details>
            <a href=format!("/campaigns/{id}/ranking")>{t.full_ranking}</a>
        </section>
    }
}

/// With at most two decimals.
fn few_decimals(points: f64) -> String {
    shortest((points * 100.0).round() / 100.0)
}

/// How points come about, in plain lines.
fn scoring(context: &PageContext, campaign: &Campaign, in_lobby: bool) -> impl IntoView + use<> {
    let t = context.page_messages();
    let [alpha, beta, gamma] = [campaign.alpha, campaign.beta, campaign.gamma].map(Coefficient::get);
    let price = (alpha > 0.0).then(|| t.scored_price(&shortest(alpha), currency_symbol()));
    let member = (gamma > 0.0).then(|| match &context.user {
        Some(user) => t.scored_member_mine(&few_decimals(gamma * user.weight.get()), &user.weight.get().to_string()),
        None => t.scored_member(&shortest(gamma)),
    });
    let speed = (beta > 0.0).then(|| t.scored_speed(&shortest(beta), &few_decimals(beta / 1001.0)));
    let lines = [price, member, speed].into_iter().flatten().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        // Before the start there is time to read it.
        <details open=in_lobby>
            <summary>{t.how_scored}</summary>
            <ul class="scored" id="rules">{lines}</ul>
            <p>{t.scored_ties}</p>
        </details>
    }
}

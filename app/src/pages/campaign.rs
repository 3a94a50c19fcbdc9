//! A campaign's page: the product and the live island.

use crate::{
    campaign_model::{
        price_input::TypedPrice,
        snapshot::{BidState, CampaignSnapshot, FinalPlace, Me, Outcome, RankingView, Refusal, Schedule, Terms},
        versioned_standing::VersionedStanding,
    },
    components::product_picture::product_picture,
    format::{fill, money},
    islands::LiveCampaign,
    layout::{PageContent, render_page},
    page_context::{PageContext, PageError},
};
use domain::{
    CampaignId, CampaignStatus, Coefficients, ErrorCode, Timestamp,
    api::campaigns::{Campaign, CampaignDetail},
    limits,
    websocket::CampaignEnded,
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
        let over = snapshot.result.is_some() || snapshot.schedule.status == CampaignStatus::Cancelled;
        let typed = TypedPrice(context.form_error().and_then(|_| context.typed("price")));
        let body = view! {
            <div class="product" id="product">
                <div class="picture">{product_picture(&product)}</div>
                <div>
                    <p>{t.min_price} " " <strong>{money(product.min_price)}</strong></p>
                    {product.description.map(|text| view! { <p class="description" dir="auto" tabindex="0">{text}</p> })}
                    {scoring(&context, &detail.campaign)}
                </div>
            </div>
            {(!over).then(|| view! { <noscript><p class="notice">{t.no_script}</p></noscript> })}
            <leptos::context::Provider value=typed>
                <LiveCampaign snapshot=snapshot />
            </leptos::context::Provider>
        };
        Ok(PageContent { title: product.name, body: body.into_any(), form: None })
    })
}

async fn snapshot(context: &PageContext, detail: &CampaignDetail) -> Result<CampaignSnapshot, PageError> {
    let (engine, campaign) = (&context.engine, &detail.campaign);
    let id = campaign.campaign_id;
    let me = context.user.as_ref().map(|user| Me { user_id: user.user_id, weight: user.weight });
    let quota = u32::try_from(campaign.quota.get()).unwrap_or(u32::MAX);
    let standing = match &context.user {
        Some(user) => {
            let mine = engine.rankings.my_standing(user, id).await?;
            let version = mine.version;
            let place = mine.rank.zip(mine.score).zip(mine.price);
            place.map(|((rank, score), price)| VersionedStanding { rank, score, price, version })
        }
        None => None,
    };
    // Loaded after the standing, so that it is not older. As many rows as a frame of the feed holds.
    let ranking = engine.rankings.ranking(id, Some(quota.min(limits::FEED_ROWS_MAX))).await?;
    let result = match campaign.settled_at {
        Some(_) => engine.orders.outcome(me.map(|me| me.user_id), id).await?.as_ref().map(outcome),
        None => None,
    };
    Ok(CampaignSnapshot {
        lang: context.lang,
        campaign_id: id,
        name: campaign.product.name.clone(),
        terms: Terms {
            min_price: campaign.product.min_price,
            quota: u64::from(quota),
            coefficients: Coefficients { alpha: campaign.alpha, beta: campaign.beta, gamma: campaign.gamma },
            version: campaign.version,
        },
        me,
        schedule: Schedule {
            start_ms: campaign.start_time.unix_millis(),
            end_ms: campaign.end_time.unix_millis(),
            status: campaign.status,
            reason: campaign.cancel_reason.clone(),
        },
        server_ms: engine.clock.now().unix_millis(),
        ranking: RankingView {
            rows: ranking.rankings,
            total: ranking.total_participants,
            min_winning_score: ranking.min_winning_score,
            version: ranking.version,
        },
        standing,
        result,
        bid: bid_state(context, standing),
    })
}

fn outcome(ended: &CampaignEnded) -> Outcome {
    let place = ended.final_rank.zip(ended.final_score).zip(ended.final_price);
    Outcome {
        is_winner: ended.is_winner,
        place: place.map(|((rank, score), price)| FinalPlace { rank, score, price }),
        min_winning_score: ended.min_winning_score,
    }
}

/// The outcome of a bid sent by a plain form. The standing bid comes from the ranking, not from the query, so that a
/// crafted link cannot invent one.
fn bid_state(context: &PageContext, standing: Option<VersionedStanding>) -> BidState {
    if let Some(error) = context.form_error() {
        let received_ms = error.server_time.map(Timestamp::unix_millis);
        return BidState::Refused(Refusal { code: error.code, min_price: error.min_price, received_ms });
    }
    match (context.query("bid").as_deref(), standing) {
        (Some("accepted"), Some(standing)) => BidState::Posted { improved: true, price: standing.price },
        (Some("kept"), Some(standing)) => BidState::Posted { improved: false, price: standing.price },
        _ => BidState::Idle,
    }
}

fn scoring(context: &PageContext, campaign: &Campaign) -> impl IntoView + use<> {
    let t = context.page_messages();
    let coefficients = [campaign.alpha, campaign.beta, campaign.gamma].map(|c| c.get().to_string());
    let formula = fill(t.how_scored_detail, &coefficients.each_ref().map(String::as_str));
    let weight = context.user.as_ref().map(|user| fill(t.my_weight, &[&user.weight.get().to_string()]));
    view! {
        <details>
            <summary>{t.how_scored}</summary>
            <p>{formula}</p>
            {weight.map(|weight| view! { <p>{weight}</p> })}
        </details>
    }
}

//! Scaling: the same load on campaigns that already have many bidders.

use crate::{
    context::Context, data_stores::DataStores, error::Result, parts::load_scenarios, prices::StartingPrices,
    progress::progress, results::ScalingSeries, scenario::Scenario,
};

/// Measures one campaign size after another, in tables that keep growing as in production.
pub async fn measure(ctx: &mut Context, stores: &mut DataStores) -> Result<Vec<ScalingSeries>> {
    let starting_prices = StartingPrices::StandingBids(ctx.plan.scale_places);
    let scenario = Scenario::closed(ctx.plan.scale_connections);
    let mut series = Vec::new();
    for bidders in ctx.plan.scale.clone() {
        progress(&format!("scale: creating a campaign with {bidders} bidders"));
        ctx.fixture.ensure_users(&stores.database, bidders).await?;
        let campaign = ctx.fixture.create_campaign().await?;
        ctx.fixture.insert_standing_bids(&stores.database, &campaign, bidders).await?;
        let rebuild_s = ctx.fixture.rebuild_ranking(stores, &campaign, u64::from(bidders)).await?;
        stores.vacuum_and_checkpoint().await;
        let mut samples = Vec::new();
        for n in 1..=ctx.plan.repeat {
            progress(&format!("scale: {bidders} bidders, {n} of {}", ctx.plan.repeat));
            samples.push(load_scenarios::measure(ctx, scenario, &campaign, starting_prices).await?);
        }
        series.push(ScalingSeries { bidders, rebuild_s, samples });
    }
    Ok(series)
}

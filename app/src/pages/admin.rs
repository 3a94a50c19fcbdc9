//! The admin's overview of products and campaigns.

use super::visit::{Page, Visit, page};
use crate::{
    format::{instant, money},
    live::phase::Phase,
};
use domain::{
    api::{campaigns::Campaign, products::Product},
    bounded::Page as ListPage,
    limits,
};
use leptos::prelude::*;

/// `/admin`.
#[component]
pub fn AdminPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        visit.admin()?;
        let all = ListPage { skip: 0, limit: limits::PAGE_LIMIT_MAX };
        let products = visit.engine.products(all).await?.products;
        let campaigns = visit.engine.campaigns(all, None).await?.campaigns;
        let body = view! {
            <section class="card">
                <h2>{t.products}</h2>
                {products_table(&visit, products)}
                <p class="actions"><a class="button" href="/admin/products/new">{t.new_product}</a></p>
            </section>
            <section class="card">
                <h2>{t.campaigns_title}</h2>
                {campaigns_table(&visit, campaigns)}
                <p class="actions"><a class="button" href="/admin/campaigns/new">{t.new_campaign}</a></p>
            </section>
        };
        Ok(Page { title: t.admin_title.to_owned(), body: body.into_any() })
    })
}

fn products_table(visit: &Visit, products: Vec<Product>) -> AnyView {
    let t = visit.page_texts();
    if products.is_empty() {
        return view! { <p class="muted">{t.products_none}</p> }.into_any();
    }
    let rows = products.into_iter().map(|product| {
        let href = format!("/admin/campaigns/new?product={}", product.product_id);
        view! {
            <tr data-product=product.product_id.to_string()>
                <td class="name">{product.name}</td>
                <td class="number">{product.stock.to_string()}</td>
                <td class="number">{money(product.min_price)}</td>
                <td><a href=href>{t.new_campaign}</a></td>
            </tr>
        }
    });
    view! {
        <div class="scroll">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.name}</th>
                        <th scope="col" class="number">{t.stock}</th>
                        <th scope="col" class="number">{t.min_price}</th>
                        <th></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn campaigns_table(visit: &Visit, campaigns: Vec<Campaign>) -> AnyView {
    let (t, texts) = (visit.page_texts(), visit.texts());
    if campaigns.is_empty() {
        return view! { <p class="muted">{t.campaigns_none}</p> }.into_any();
    }
    let now = visit.engine.now();
    let rows = campaigns.into_iter().map(|campaign| {
        let phase = Phase::of(&campaign, now);
        let href = format!("/campaigns/{}", campaign.campaign_id);
        view! {
            <tr>
                <td class="name"><a href=href>{campaign.product.name}</a></td>
                <td><span class="badge" data-phase=phase.name()>{texts.phase(phase)}</span></td>
                <td>{instant(campaign.start_time)}</td>
                <td>{instant(campaign.end_time)}</td>
                <td class="number">{campaign.quota.get().to_string()}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.product}</th>
                        <th scope="col">{t.status}</th>
                        <th scope="col">{texts.starts}</th>
                        <th scope="col">{texts.ends}</th>
                        <th scope="col" class="number">{t.quota}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

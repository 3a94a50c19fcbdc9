//! The user's orders.

use crate::{
    components::{
        campaign_countdown::list_refresh,
        display_name::display_name,
        empty_list::empty_list,
        icon::{Icon, icon},
        pagination::{paginated, requested_page},
        product_picture::thumbnail,
        time_tag::time_to_second,
    },
    format::{count, money, points},
    layout::{PageContent, render_page},
    page_context::{PageContext, PageError},
};
use domain::{
    OrderId, ProductId,
    api::{
        orders::{Order, OrderStatus},
        products::Product,
    },
};
use leptos::prelude::*;
use std::collections::{HashMap, hash_map::Entry};

/// Orders on a page.
const PAGE_ROWS: u32 = 20;

/// `/orders`.
#[component]
pub fn MyOrdersPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let user_id = context.member()?.user_id;
        let asked = requested_page(&context, PAGE_ROWS);
        let list = context.engine.orders.my_orders(user_id, asked).await?;
        let products = products(&context, &list.orders).await?;
        let rows = list.orders.iter().map(|order| row(&context, order, &products[&order.product_id])).collect_view();
        let rows = view! { <ul class="stack bid-rows">{rows}</ul> }.into_any();
        let none = empty_list(t.orders_none, t.orders_none_hint, Some(("/?show=live", t.bids_find))).into_any();
        let list = paginated(&context, "/orders", asked, list.total, rows, none);
        let body = view! {
            {list_refresh(&context)}
            <div class="section" id="campaigns" data-personal>
                {list}
            </div>
        };
        Ok(PageContent::new(t.orders_title, body))
    })
}

async fn products(context: &PageContext, orders: &[Order]) -> Result<HashMap<ProductId, Product>, PageError> {
    let mut products = HashMap::new();
    for order in orders {
        if let Entry::Vacant(entry) = products.entry(order.product_id) {
            entry.insert(context.engine.products.get(order.product_id).await?);
        }
    }
    Ok(products)
}

/// The end of an order's id, which is random, to be read out; the whole id is beside it.
fn short_number(id: OrderId) -> String {
    let digits = id.0.simple().to_string().to_uppercase();
    let (first, last) = digits[24..].split_at(4);
    format!("{first}-{last}")
}

fn row(context: &PageContext, order: &Order, product: &Product) -> impl IntoView + use<> {
    let t = context.page_messages();
    let OrderStatus::Confirmed = order.status;
    let href = format!("/campaigns/{}", order.campaign_id);
    view! {
        <li class="card bid-row" data-order=order.order_id.to_string()>
            <div class="bid-head">
                {thumbnail(product)}
                <div>
                    <h3><a href=href>{display_name(context, &product.name)}</a></h3>
                    <p class="bid-meta">
                        <span class="badge good">{icon(Icon::Check)} {t.order_confirmed}</span>
                        {time_to_second(context, order.created_at)}
                    </p>
                </div>
            </div>
            <dl class="facts">
                <div>
                    <dt>{t.final_price}</dt>
                    <dd><strong>{money(order.final_price)}</strong></dd>
                </div>
                <div>
                    <dt>{t.final_rank}</dt>
                    <dd>{count(u64::from(order.final_rank))}</dd>
                </div>
                <div>
                    <dt>{context.common_messages().score}</dt>
                    <dd>{points(order.final_score)}</dd>
                </div>
                <div>
                    <dt>{t.order_number}</dt>
                    <dd title=order.order_id.to_string()>{short_number(order.order_id)}</dd>
                </div>
            </dl>
        </li>
    }
}

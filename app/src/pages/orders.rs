//! What I have won.

use super::{
    pager::{asked_page, pager},
    visit::{Page, PageError, Visit, page},
};
use crate::format::{instant, money};
use domain::{
    ProductId,
    api::orders::{Order, OrderStatus},
};
use leptos::prelude::*;
use std::collections::{HashMap, hash_map::Entry};

/// Orders on a page.
const PAGE_ROWS: u32 = 20;

/// `/orders`.
#[component]
pub fn OrdersPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        let user_id = visit.member()?.user_id;
        let asked = asked_page(&visit, PAGE_ROWS);
        let list = visit.engine.my_orders(user_id, asked).await?;
        let names = product_names(&visit, &list.orders).await?;
        let body = if list.orders.is_empty() {
            view! {
                <div class="card empty">
                    <p>{t.orders_none}</p>
                    <p class="muted">{t.orders_none_hint}</p>
                </div>
            }
            .into_any()
        } else {
            view! { <div class="card">{table(&visit, list.orders, &names)}</div> }.into_any()
        };
        let body = view! { {body} {pager(&visit, "/orders", asked, list.total)} };
        Ok(Page { title: t.orders_title.to_owned(), body: body.into_any() })
    })
}

async fn product_names(visit: &Visit, orders: &[Order]) -> Result<HashMap<ProductId, String>, PageError> {
    let mut names = HashMap::new();
    for order in orders {
        if let Entry::Vacant(entry) = names.entry(order.product_id) {
            entry.insert(visit.engine.product(order.product_id).await?.name);
        }
    }
    Ok(names)
}

fn table(visit: &Visit, orders: Vec<Order>, names: &HashMap<ProductId, String>) -> impl IntoView + use<> {
    let t = visit.page_texts();
    let rows = orders.into_iter().map(|order| {
        let name = names.get(&order.product_id).cloned().unwrap_or_default();
        let OrderStatus::Confirmed = order.status;
        view! {
            <tr data-order=order.order_id.to_string()>
                <td class="name"><a href=format!("/campaigns/{}", order.campaign_id)>{name}</a></td>
                <td class="number">{money(order.final_price)}</td>
                <td class="number">{order.final_rank.to_string()}</td>
                <td class="number">{order.final_score.to_string()}</td>
                <td>{t.order_confirmed}</td>
                <td><time datetime=order.created_at.to_string()>{instant(order.created_at)}</time></td>
            </tr>
        }
    });
    view! {
        <div class="scroll">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.product}</th>
                        <th scope="col" class="number">{t.final_price}</th>
                        <th scope="col" class="number">{t.final_rank}</th>
                        <th scope="col" class="number">{visit.texts().score}</th>
                        <th scope="col">{t.status}</th>
                        <th scope="col">{t.ordered_at}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

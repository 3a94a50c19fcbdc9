//! All products with their stock.

use super::{
    PAGE_ROWS, admin_page,
    records::{Column, records},
    texts,
};
use crate::{
    format::money,
    pages::{
        card::{empty, thumb},
        pager::{asked_page, pager},
        visit::{Visit, page},
    },
};
use domain::api::products::ProductStatus;
use engine::StockedProduct;
use leptos::prelude::*;

/// `/admin/products`.
#[component]
pub fn AdminProductsPage() -> impl IntoView {
    page(move |visit: Visit| async move {
        let actor = visit.admin()?;
        let t = texts(&visit);
        let asked = asked_page(&visit, PAGE_ROWS);
        let list = visit.engine.stocked_products(actor, asked).await?;
        let table = if list.products.is_empty() {
            empty(t.products_none, t.products_none_hint, None).into_any()
        } else {
            view! { <div class="card">{table(&visit, list.products)}</div> }.into_any()
        };
        let body = view! {
            <p class="actions">
                <a class="button primary" href="/admin/products/new">{t.product_new}</a>
            </p>
            {table}
            {pager(&visit, "/admin/products", asked, list.total)}
        };
        Ok(admin_page(&visit, t.nav_products, body))
    })
}

fn table(visit: &Visit, products: Vec<StockedProduct>) -> AnyView {
    let t = texts(visit);
    let rows = products.into_iter().map(|stocked| {
        let free = stocked.free();
        let product = stocked.product;
        let id = product.product_id;
        let is_active = product.status == ProductStatus::Active;
        let status = if is_active { t.product_active } else { t.product_inactive };
        let name = view! {
            <span class="with-thumb">
                {thumb(&product)} <a href=format!("/admin/products/{id}")>{product.name}</a>
            </span>
        };
        [
            name.into_any(),
            view! { <span class="badge">{status}</span> }.into_any(),
            product.stock.to_string().into_any(),
            stocked.promised.to_string().into_any(),
            free.to_string().into_any(),
            money(product.min_price).into_any(),
            view! { <a href=format!("/admin/campaigns/new?product={id}")>{t.campaign_new}</a> }.into_any(),
        ]
    });
    let columns = [
        Column::Name(t.product),
        Column::Text(t.status),
        Column::Number(t.stock),
        Column::Number(t.promised),
        Column::Number(t.free),
        Column::Number(t.min_price),
        Column::Link,
    ];
    records(t.nav_products, columns, rows)
}

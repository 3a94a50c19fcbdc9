//! The list of all products with their stock.

use super::{
    PAGE_ROWS, admin_page,
    data_table::{Column, data_table},
    list_page,
    list_search::{empty_search, list_url, refused_search, search_form},
    messages,
};
use crate::{
    components::{
        display_name::display_name,
        pagination::{paginated, requested_page},
        product_picture::thumbnail,
    },
    format::money,
    layout::render_page,
    page_context::PageContext,
};
use domain::api::products::ProductStatus;
use engine::ProductStock;
use leptos::prelude::*;

const PATH: &str = "/admin/products";

/// `/admin/products`; `?q=` filters it.
#[component]
pub fn AdminProductsPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let asked = requested_page(&context, PAGE_ROWS);
        let search = match context.search() {
            Ok(search) => search,
            Err(typed) => {
                let body = refused_search(&context, PATH, t.search_products, &typed, &[]);
                return Ok(admin_page(&context, t.nav_products, body));
            }
        };
        let list = context.engine.products.stock_list(actor, &search, asked).await?;
        let rows = view! { <div class="card">{table(&context, list.products)}</div> }.into_any();
        let none = empty_search(&context, PATH, &search, t.products_none, t.products_none_hint);
        let body = view! {
            <p class="actions">
                <a class="button primary" href="/admin/products/new">{t.product_new}</a>
            </p>
            {search_form(&context, PATH, t.search_products, &search, &[])}
            {paginated(&context, &list_url(PATH, &[], &search), asked, list.total, rows, none)}
        };
        Ok(list_page(&context, t.nav_products, body))
    })
}

fn table(context: &PageContext, products: Vec<ProductStock>) -> AnyView {
    let t = messages(context);
    let rows = products.into_iter().map(|stocked| {
        let free = stocked.free();
        let product = stocked.product;
        let id = product.product_id;
        let is_active = product.status == ProductStatus::Active;
        let status = if is_active { t.product_active } else { t.product_inactive };
        let named = view! {
            <span class="with-thumb">
                {thumbnail(&product)} <a href=format!("/admin/products/{id}")>{display_name(context, &product.name)}</a>
            </span>
        };
        [
            named.into_any(),
            view! { <span class="badge">{status}</span> }.into_any(),
            product.stock.to_string().into_any(),
            stocked.promised.to_string().into_any(),
            free.to_string().into_any(),
            money(product.min_price).into_any(),
            is_active
                .then(|| view! { <a href=format!("/admin/campaigns/new?product={id}")>{t.campaign_new}</a> })
                .into_any(),
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
    data_table(t.nav_products, columns, rows)
}

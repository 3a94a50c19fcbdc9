//! All products with their stock.

use super::{PAGE_ROWS, admin_page, texts};
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

fn table(visit: &Visit, products: Vec<StockedProduct>) -> impl IntoView + use<> {
    let t = texts(visit);
    let rows = products.into_iter().map(|stocked| {
        let free = stocked.free();
        let product = stocked.product;
        let id = product.product_id;
        let is_active = product.status == ProductStatus::Active;
        let status = if is_active { t.product_active } else { t.product_inactive };
        view! {
            <tr data-product=id.to_string()>
                <td class="name">
                    <span class="with-thumb">
                        {thumb(&product)} <a href=format!("/admin/products/{id}")>{product.name}</a>
                    </span>
                </td>
                <td>
                    <span class="badge">{status}</span>
                </td>
                <td class="number">{product.stock.to_string()}</td>
                <td class="number">{stocked.promised.to_string()}</td>
                <td class="number">{free.to_string()}</td>
                <td class="number">{money(product.min_price)}</td>
                <td>
                    <a href=format!("/admin/campaigns/new?product={id}")>{t.campaign_new}</a>
                </td>
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=t.nav_products>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.product}</th>
                        <th scope="col">{t.status}</th>
                        <th scope="col" class="number">{t.stock}</th>
                        <th scope="col" class="number">{t.promised}</th>
                        <th scope="col" class="number">{t.free}</th>
                        <th scope="col" class="number">{t.min_price}</th>
                        <td></td>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

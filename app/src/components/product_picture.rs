//! The picture of a product. Its `alt` is empty because the product's name is always beside it.

use domain::api::products::Product;
use leptos::prelude::*;

/// A product's picture, on a card.
pub(crate) fn product_picture(product: &Product) -> impl IntoView + use<> {
    product.image_url.clone().map(|address| {
        view! {
            <img src=address alt="" width="320" height="240" loading="lazy" referrerpolicy="no-referrer" />
        }
    })
}

/// A product's picture, small beside a line of text.
pub(crate) fn thumbnail(product: &Product) -> impl IntoView + use<> {
    match product.image_url.clone() {
        Some(address) => view! {
            <img class="thumb" src=address alt="" width="64" height="64" loading="lazy" referrerpolicy="no-referrer" />
        }
        .into_any(),
        None => view! { <span class="thumb"></span> }.into_any(),
    }
}

//! The pictures of a product. Their `alt` is empty because the product's name is always beside them.

use domain::api::products::Product;
use leptos::prelude::*;

/// The grounds of placeholders in the style sheet.
const TINTS: u8 = 6;

/// A product's picture, on a card.
pub(crate) fn product_picture(product: &Product) -> AnyView {
    match product.image_url.clone() {
        Some(address) => {
            let (initial, tint) = (initial(product), tint(product));
            view! {
                <img
                    src=address
                    alt=""
                    width="320"
                    height="240"
                    loading="lazy"
                    referrerpolicy="no-referrer"
                    data-initial=initial
                    data-tint=tint
                />
            }
            .into_any()
        }
        None => placeholder(product).into_any(),
    }
}

/// A product's picture, small beside a line of text.
pub(crate) fn thumbnail(product: &Product) -> impl IntoView + use<> {
    view! { <span class="thumb">{product_picture(product)}</span> }
}

/// The first character of a name, on a ground that differs between products. The page's script does the same for a
/// picture that cannot be loaded, by its attributes.
fn placeholder(product: &Product) -> impl IntoView + use<> {
    view! { <span class="no-picture" data-tint=tint(product) aria-hidden="true">{initial(product)}</span> }
}

fn initial(product: &Product) -> String {
    product.name.chars().take(1).flat_map(char::to_uppercase).collect()
}

fn tint(product: &Product) -> String {
    product.product_id.0.as_bytes().last().map_or(0, |byte| byte % TINTS).to_string()
}

//! The admin's form for a product.

use super::visit::{Page, Visit, page};
use crate::islands::{Field, FieldKind, FormSpec, KeptForm};
use domain::limits;
use leptos::prelude::*;

/// `/admin/products/new`.
#[component]
pub fn NewProductPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        visit.admin()?;
        let optional = |label: &str| format!("{label} ({})", t.optional);
        let field = |name: &str, label: String| Field { name: name.to_owned(), label, ..Field::default() };
        let number = |min: &str, step: &str| FieldKind::Number(min.to_owned(), step.to_owned());
        let fields = vec![
            Field {
                required: true,
                chars: Some((1, limits::PRODUCT_NAME_CHARS_MAX)),
                ..field("name", t.name.to_owned())
            },
            Field {
                kind: FieldKind::Lines,
                chars: Some((0, limits::DESCRIPTION_CHARS_MAX)),
                ..field("description", optional(t.description))
            },
            Field {
                hint: Some(visit.texts().rule_image_url.to_owned()),
                chars: Some((0, limits::IMAGE_URL_CHARS_MAX)),
                ..field("image_url", optional(t.image_url))
            },
            Field { required: true, kind: number("0", "1"), ..field("stock", t.stock.to_owned()) },
            Field { required: true, kind: number("0.01", "0.01"), ..field("min_price", t.min_price.to_owned()) },
        ];
        let spec = FormSpec {
            lang: visit.lang,
            action: "/api/ui/create_product".to_owned(),
            fields,
            submit: t.create.to_owned(),
            next: None,
            error: visit.form_error(),
        };
        let body = view! { <div class="card narrow"><KeptForm spec=spec /></div> };
        Ok(Page { title: t.new_product.to_owned(), body: body.into_any() })
    })
}

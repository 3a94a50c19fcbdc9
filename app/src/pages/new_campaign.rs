//! The admin's form for a campaign.

use super::visit::{Page, Visit, page};
use crate::{
    format::{fill, instant},
    islands::{Choice, Field, FieldKind, FormSpec, KeptForm},
};
use domain::{Coefficients, Timestamp, api::products::Product, bounded::Page as ListPage, limits};
use leptos::prelude::*;

/// How long a campaign is unless the admin says otherwise.
const DEFAULT_MS: i64 = 20 * 60 * 1000;

/// `/admin/campaigns/new`.
#[component]
pub fn NewCampaignPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        visit.admin()?;
        let all = ListPage { skip: 0, limit: limits::PAGE_LIMIT_MAX };
        let products = visit.engine.products(all).await?.products;
        let spec = FormSpec {
            lang: visit.lang,
            action: "/api/ui/create_campaign".to_owned(),
            fields: fields(&visit, products),
            submit: t.create.to_owned(),
            next: None,
            error: visit.form_error(),
        };
        let body = view! { <div class="card narrow"><KeptForm spec=spec /></div> };
        Ok(Page { title: t.new_campaign.to_owned(), body: body.into_any() })
    })
}

fn fields(visit: &Visit, products: Vec<Product>) -> Vec<Field> {
    let t = visit.page_texts();
    let now = visit.engine.now();
    let start = now.plus_millis(60_000 - now.unix_millis().rem_euclid(60_000));
    let defaults = Coefficients::default();
    let choose = Choice { value: String::new(), label: t.choose.to_owned() };
    let choices = products.into_iter().map(|product| Choice {
        value: product.product_id.to_string(),
        label: format!("{} ({})", product.name, product.stock),
    });
    let field = |name: &str, label: &str| Field { name: name.to_owned(), label: label.to_owned(), ..Field::default() };
    let number = |min: &str, step: &str| FieldKind::Number(min.to_owned(), step.to_owned());
    let time = |name: &str, label: &str, at: Timestamp| Field {
        kind: FieldKind::DateTime,
        required: true,
        value: utc_input(at),
        ..field(name, label)
    };
    let coefficient = |name: &str, label: &str, value: f64| Field {
        kind: number("0", "any"),
        value: value.to_string(),
        ..field(name, label)
    };
    vec![
        Field {
            kind: FieldKind::Choice(std::iter::once(choose).chain(choices).collect()),
            value: visit.query("product").unwrap_or_default(),
            required: true,
            ..field("product_id", t.product)
        },
        Field { hint: Some(fill(t.times_are_utc, &[&instant(now)])), ..time("start_time", t.start_time, start) },
        time("end_time", t.end_time, start.plus_millis(DEFAULT_MS)),
        Field {
            kind: number("1", "1"),
            hint: Some(t.quota_hint.to_owned()),
            ..field("quota", &format!("{} ({})", t.quota, t.optional))
        },
        coefficient("alpha", t.alpha, defaults.alpha.get()),
        coefficient("beta", t.beta, defaults.beta.get()),
        coefficient("gamma", t.gamma, defaults.gamma.get()),
    ]
}

/// The value of a `datetime-local` input.
fn utc_input(at: Timestamp) -> String {
    at.to_string().chars().take("2026-01-31T12:00".len()).collect()
}

//! The forms that create and edit a product.

use super::{
    FORM_ID,
    form_control::{ControlKind, FormControl, controls_error_summary, edit_conflict, form_control},
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path, messages,
};
use crate::{
    components::form_field::user_field,
    form_input::ProductInput,
    format::{count, fill, money},
    layout::render_page,
    page_context::{FormStep, PageContext},
};
use domain::{
    ApiError, ErrorCode, ProductId,
    api::products::{CreateProduct, ProductStatus},
};
use engine::ProductStock;
use leptos::prelude::*;

/// `/admin/products/new`.
#[component]
pub fn NewProductPage() -> impl IntoView {
    render_page(move |visit: PageContext| async move {
        visit.admin()?;
        let t = messages(&visit);
        let draft: ProductInput = visit.form_input();
        let checked = draft.create();
        let body = match (visit.form_step(), checked) {
            (FormStep::Review, Ok(product)) => {
                let effects = vec![fill(t.product_new_effect, &[&product.stock.get().to_string()])];
                let rows = rows(&visit, None, &product, ProductStatus::Active);
                let action = "/api/ui/create_product";
                let confirm = t.product_create;
                form_review(
                    &visit,
                    FormReview { action, id: None, draft: &draft, rows, effects, confirm, is_final: false },
                )
            }
            (FormStep::Review, Err(error)) => {
                visit.set_error_status(&error);
                form(&visit, &draft, None, Some(&error))
            }
            _ => form(&visit, &draft, None, visit.form_error().as_ref()),
        };
        Ok(form_page(&visit, t.product_new, body))
    })
}

/// `/admin/products/{id}`.
#[component]
pub fn EditProductPage() -> impl IntoView {
    render_page(move |visit: PageContext| async move {
        let actor = visit.admin()?;
        let t = messages(&visit);
        let id: ProductId = id_in_path(&visit)?;
        let old = visit.engine.products.stock_of(actor, id).await?;
        let draft: ProductInput =
            if visit.form_step() == FormStep::Initial { ProductInput::of(&old.product) } else { visit.form_input() };
        let checked = draft.update(&old.product).and_then(|change| {
            let new = draft.create()?;
            if i64::from(new.stock.get()) < old.promised {
                return Err(ApiError { errors: ApiError::field("stock", "").errors, ..short_of_stock() });
            }
            Ok((new, change.status.unwrap_or(old.product.status)))
        });
        let body = match (visit.form_step(), checked) {
            (FormStep::Review, Ok((product, status))) => {
                let rows = rows(&visit, Some(&old), &product, status);
                let effects = effects(&visit, &old, &product, status);
                let action = "/api/ui/update_product";
                let confirm = t.save;
                let id = Some(id.to_string());
                form_review(&visit, FormReview { action, id, draft: &draft, rows, effects, confirm, is_final: false })
            }
            (FormStep::Review, Err(error)) => {
                visit.set_error_status(&error);
                form(&visit, &draft, Some(&old), Some(&error))
            }
            _ => form(&visit, &draft, Some(&old), visit.form_error().as_ref()),
        };
        Ok(form_page(&visit, old.product.name, body))
    })
}

fn short_of_stock() -> ApiError {
    ApiError::new(ErrorCode::InsufficientStock, "The stock is promised to open campaigns.")
}

fn form(visit: &PageContext, draft: &ProductInput, old: Option<&ProductStock>, error: Option<&ApiError>) -> AnyView {
    let t = messages(visit);
    // After an edit conflict the form is based on the record as it is now.
    let changed_meanwhile = error.is_some_and(|error| error.code == ErrorCode::Conflict);
    let saved = old.filter(|_| changed_meanwhile).map(|old| ProductInput::of(&old.product));
    let fingerprint = saved.as_ref().unwrap_or(draft).fingerprint.clone();
    let stock_hint = old.map(|old| fill(t.stock_promised, &[&old.promised.to_string(), &old.free().to_string()]));
    let mut controls = vec![
        FormControl::new("name", t.name, &draft.name, ControlKind::Text),
        FormControl::new("description", t.description, &draft.description, ControlKind::TextArea).optional(t),
        FormControl::new("image_url", t.image_url, &draft.image_url, ControlKind::Text)
            .hint(t.rule_image_url)
            .optional(t),
        FormControl {
            hint: stock_hint,
            ..Control::new("stock", t.stock, &draft.stock, ControlKind::Number("0", "1000000", "1"))
        },
        FormControl::new(
            "min_price",
            t.min_price,
            &draft.min_price,
            ControlKind::Number("0.01", "9999999999.99", "0.01"),
        ),
    ];
    if old.is_some() {
        let choices = vec![
            ("active".to_owned(), t.product_active.to_owned()),
            ("inactive".to_owned(), t.product_inactive.to_owned()),
        ];
        controls.push(FormControl::new("status", t.status, &draft.status, ControlKind::Choice(choices)));
    }
    let problems = match &saved {
        Some(saved) => Some(edit_conflict(visit, &controls, saved)),
        None => controls_error_summary(visit, &controls, error),
    };
    let controls: Vec<_> = controls.into_iter().map(|it| form_control(visit, it, error)).collect();
    view! {
        <div class="card form-card">
            <form class="form" id=FORM_ID method="post" action=visit.path.clone()>
                {user_field(visit)}
                {problems}
                {controls}
                <input type="hidden" name="fingerprint" value=fingerprint />
                <div class="actions">
                    <button class="primary" name="step" value="review">{t.to_review}</button>
                    <a class="button" href="/admin/products">{t.leave}</a>
                </div>
            </form>
        </div>
    }
    .into_any()
}

fn rows(
    visit: &PageContext,
    old: Option<&ProductStock>,
    new: &CreateProduct,
    status: ProductStatus,
) -> Vec<ReviewRow> {
    let t = messages(visit);
    let none = || t.none.to_owned();
    let old = old.map(|old| &old.product);
    let word = |status| if status == ProductStatus::Active { t.product_active } else { t.product_inactive };
    let mut rows = vec![
        ReviewRow::new(t.name, old.map(|old| old.name.clone()), new.name.to_string()),
        ReviewRow::new(
            t.description,
            old.map(|old| old.description.clone().unwrap_or_else(none)),
            new.description.as_deref().filter(|text| !text.is_empty()).map_or_else(none, str::to_owned),
        ),
        ReviewRow::new(
            t.image_url,
            old.map(|old| old.image_url.clone().unwrap_or_else(none)),
            new.image_url.as_deref().map_or_else(none, str::to_owned),
        ),
        ReviewRow::new(t.stock, old.map(|old| units(old.stock)), units(new.stock.get())),
        ReviewRow::new(t.min_price, old.map(|old| money(old.min_price)), money(new.min_price)),
    ];
    if let Some(old) = old {
        rows.push(ReviewRow::new(t.status, Some(word(old.status).to_owned()), word(status)));
    }
    rows
}

fn effects(visit: &PageContext, old: &ProductStock, new: &CreateProduct, status: ProductStatus) -> Vec<String> {
    let t = messages(visit);
    let free = i64::from(new.stock.get()) - old.promised;
    let mut effects = vec![fill(t.stock_promised, &[&old.promised.to_string(), &free.to_string()])];
    if new.min_price != old.product.min_price && old.promised > 0 {
        effects.push(t.min_price_effect.to_owned());
    }
    if status == ProductStatus::Inactive && old.product.status == ProductStatus::Active {
        effects.push(t.product_inactive_effect.to_owned());
    }
    effects
}

fn units(stock: i32) -> String {
    count(u64::from(stock.unsigned_abs()))
}

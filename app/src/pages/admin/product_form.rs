//! The forms that create and edit a product.

use super::{
    FORM_ID,
    form_control::{
        ControlKind, FormControl, controls_error_summary, edit_conflict, form_control, summary_with_message,
        with_stock_field,
    },
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path, messages,
};
use crate::{
    components::form_field::user_field,
    form_input::ProductInput,
    format::{count, money},
    layout::render_page,
    page_context::{FormStep, PageContext},
};
use domain::{
    ApiError, ErrorCode, ProductId,
    api::products::{CreateProduct, ProductStatus},
    stock_rules,
};
use engine::ProductStock;
use leptos::{
    nonce::{Nonce, use_nonce},
    prelude::*,
};

/// Shows the picture whose address is typed.
const PICTURE_CHECK: &str = include_str!("product_picture_check.js");

/// `/admin/products/new`.
#[component]
pub fn NewProductPage() -> impl IntoView {
    let nonce = use_nonce();
    render_page(move |context: PageContext| async move {
        context.admin()?;
        let t = messages(&context);
        let input: ProductInput = context.form_input();
        let checked = input.create();
        let body = match (context.form_step(), checked) {
            (FormStep::Review, Ok(product)) => {
                let effects = vec![t.product_new_effect(&product.stock.get().to_string())];
                let rows = rows(&context, None, &product, ProductStatus::Active);
                let action = "/api/ui/create_product";
                let confirm = t.product_create;
                form_review(
                    &context,
                    FormReview { action, id: None, input: &input, rows, effects, confirm, is_final: false },
                )
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, nonce, &input, None, Some(&error))
            }
            _ => form(&context, nonce, &input, None, context.form_error().as_ref()),
        };
        Ok(form_page(&context, t.product_new, body))
    })
}

/// `/admin/products/{id}`.
#[component]
pub fn EditProductPage() -> impl IntoView {
    let nonce = use_nonce();
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let id: ProductId = id_in_path(&context)?;
        let old = context.engine.products.stock_of(actor, id).await?;
        let input: ProductInput = if context.form_step() == FormStep::Initial {
            ProductInput::of(&old.product)
        } else {
            context.form_input()
        };
        let checked = input.update(&old.product).and_then(|change| {
            let new = input.create()?;
            if !stock_rules::covers(new.stock, old.promised) {
                return Err(short_of_stock());
            }
            Ok((new, change.status.unwrap_or(old.product.status)))
        });
        let body = match (context.form_step(), checked) {
            (FormStep::Review, Ok((product, status))) => {
                let rows = rows(&context, Some(&old), &product, status);
                let effects = effects(&context, &old, &product, status);
                let action = "/api/ui/update_product";
                let confirm = t.save;
                let id = Some(id.to_string());
                form_review(&context, FormReview { action, id, input: &input, rows, effects, confirm, is_final: false })
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, nonce, &input, Some(&old), Some(&error))
            }
            _ => form(&context, nonce, &input, Some(&old), context.form_error().as_ref()),
        };
        Ok(form_page(&context, old.product.name, body))
    })
}

fn short_of_stock() -> ApiError {
    ApiError::new(ErrorCode::InsufficientStock, "The stock is reserved for open campaigns.")
}

fn form(
    context: &PageContext,
    nonce: Option<Nonce>,
    input: &ProductInput,
    old: Option<&ProductStock>,
    error: Option<&ApiError>,
) -> AnyView {
    let t = messages(context);
    let error = error.map(|error| with_stock_field(error, "stock"));
    let error = error.as_ref();
    // After an edit conflict the form is based on the record as it is now.
    let changed_meanwhile = error.is_some_and(|error| error.code == ErrorCode::Conflict);
    let saved = old.filter(|_| changed_meanwhile).map(|old| ProductInput::of(&old.product));
    let fingerprint = saved.as_ref().unwrap_or(input).fingerprint.clone();
    let stock_hint = old.map(|old| t.stock_promised(&old.promised.to_string(), &old.free().to_string()));
    let mut controls = vec![
        FormControl::new("name", t.name, &input.name, ControlKind::Text),
        FormControl::new("description", t.description, &input.description, ControlKind::TextArea).optional(t),
        FormControl::new("image_url", t.image_url, &input.image_url, ControlKind::Text)
            .hint(t.rule_image_url)
            .optional(t),
        FormControl {
            hint: stock_hint,
            ..FormControl::new("stock", t.stock, &input.stock, ControlKind::Number("0", "1000000", "1"))
        },
        FormControl::new(
            "min_price",
            t.min_price,
            &input.min_price,
            ControlKind::Number("0.01", "9999999999.99", "0.01"),
        ),
    ];
    if old.is_some() {
        let choices = vec![
            ("active".to_owned(), t.product_active.to_owned()),
            ("inactive".to_owned(), t.product_inactive.to_owned()),
        ];
        controls.push(FormControl::new("status", t.status, &input.status, ControlKind::Choice(choices)));
    }
    let problems = match &saved {
        Some(saved) => Some(edit_conflict(context, &controls, saved, t.differs_hint)),
        None => match (old, error) {
            (Some(old), Some(error)) if error.code == ErrorCode::InsufficientStock => {
                let message = t.stock_under_promised(&old.promised.to_string());
                Some(summary_with_message(context, &controls, error, message))
            }
            _ => controls_error_summary(context, &controls, error),
        },
    };
    let control = |it: FormControl| {
        let check = (it.name == "image_url").then(|| picture_check(context));
        view! {
            {form_control(context, it, error)}
            {check}
        }
    };
    let controls = controls.into_iter().map(control).collect_view();
    view! {
        <div class="card form-card">
            <form class="form" id=FORM_ID method="post" action=context.path.clone() novalidate>
                {user_field(context)}
                {problems}
                {controls}
                <input type="hidden" name="fingerprint" value=fingerprint />
                <div class="actions">
                    <button class="primary" name="step" value="review">{t.to_review}</button>
                    <a class="button" href="/admin/products">{t.leave}</a>
                </div>
            </form>
        </div>
        <script nonce=nonce inner_html=PICTURE_CHECK></script>
    }
    .into_any()
}

/// Below the picture's address: the picture, or that there is none. Browsers load it, because a server that fetched any
/// address an admin types could be led into its own network.
fn picture_check(context: &PageContext) -> impl IntoView + use<> {
    let t = messages(context);
    view! {
        <div class="picture-check" data-picture-check="image_url" data-checking=t.picture_loading data-missing=t.picture_missing>
            <img alt=t.picture_alt hidden width="160" height="120" referrerpolicy="no-referrer" />
            <p class="hint" role="status"></p>
        </div>
    }
}

fn rows(
    context: &PageContext,
    old: Option<&ProductStock>,
    new: &CreateProduct,
    status: ProductStatus,
) -> Vec<ReviewRow> {
    let t = messages(context);
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

fn effects(context: &PageContext, old: &ProductStock, new: &CreateProduct, status: ProductStatus) -> Vec<String> {
    let t = messages(context);
    let free = stock_rules::available(new.stock.get(), old.promised);
    let mut effects = vec![t.stock_promised(&old.promised.to_string(), &free.to_string())];
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

//! The forms that create, edit and extend a campaign.

use super::{
    FORM_ID, admin_page,
    closed_campaign::closed_campaign,
    form_control::{
        ControlKind, FormControl, controls_error_summary, edit_conflict, form_control, summary_with_message,
        with_stock_field,
    },
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path,
    list_search::search_rule,
    messages,
    score_preview::score_preview,
};
use crate::{
    components::form_field::user_field,
    form_input::{CampaignInput, TimeError},
    format::{count, isolated, money},
    layout::{PageContent, PageForm, render_page},
    page_context::{FormStep, PageContext, PageError},
};
use domain::{
    ApiError, CampaignId, CampaignStatus, ErrorCode, Money, ProductId, Timestamp,
    api::{
        accounts::User,
        campaigns::{Campaign, CreateCampaign},
        products::ProductStatus,
    },
    limits,
    stock_rules::grant_quota,
    validated::{Page as ListPage, Quota, Search},
};
use engine::ProductStock;
use leptos::prelude::*;

/// The default length of a campaign.
const DEFAULT_MS: i64 = 20 * 60 * 1000;
/// The search field for products, and the `step` that submits it.
const FIND: &str = "find";
/// The price in the preview while no product is chosen.
const EXAMPLE_CENTS: i64 = 100_000;

/// `/admin/campaigns/new`.
#[component]
pub fn NewCampaignPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?.clone();
        let t = messages(&context);
        let input = match context.form_step() {
            FormStep::Initial => fresh(&context, context.query("product").as_deref()),
            _ => context.form_input(),
        };
        let sale = product_for_sale(&context, &actor, &input, None).await?;
        let now = context.engine.clock.now();
        let checked = input.create(now).and_then(|request| {
            let quota = sale.promise(request.quota)?;
            Ok(CreateCampaign { quota: Some(quota), ..request })
        });
        let body = match (context.form_step(), checked) {
            (FormStep::Review, Ok(request)) => {
                let rows = new_rows(&context, &sale, &input, &request);
                let mut effects = sale.effects(&context, request.quota);
                if request.start_time <= now {
                    effects.insert(0, t.starts_at_once.to_owned());
                }
                effects.extend(repeated_times(&context, &input));
                let action = "/api/ui/create_campaign";
                let confirm = t.campaign_create;
                // Confirming promises exactly the quota shown here, even if more stock becomes available meanwhile.
                let input = with_quota(&input, request.quota);
                form_review(
                    &context,
                    FormReview { action, id: None, input: &input, rows, effects, confirm, is_final: false },
                )
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, &input, &sale, None, Some(&error))
            }
            _ => form(&context, &input, &sale, None, context.form_error().as_ref()),
        };
        Ok(search_page(&context, t.campaign_new, body))
    })
}

/// `/admin/campaigns/{id}/edit`.
#[component]
pub fn EditCampaignPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?.clone();
        let t = messages(&context);
        let id: CampaignId = id_in_path(&context)?;
        let old = context.engine.rankings.campaign(id).await?.campaign;
        if !matches!(old.status, CampaignStatus::Pending | CampaignStatus::Active) {
            let body = closed_campaign(&context, &old).await?;
            return Ok(admin_page(&context, old.product.name, body));
        }
        let input = if context.form_step() == FormStep::Initial {
            CampaignInput::of(&old, &context.zone())
        } else {
            context.form_input()
        };
        let sale = product_for_sale(&context, &actor, &input, Some(&old)).await?;
        let now = context.engine.clock.now();
        let checked = input.update(&old, now).and_then(|change| {
            let new = CreateCampaign {
                product_id: change.product_id.unwrap_or(old.product_id),
                start_time: change.start_time.unwrap_or(old.start_time),
                end_time: change.end_time.unwrap_or(old.end_time),
                alpha: Some(change.alpha.unwrap_or(old.alpha)),
                beta: Some(change.beta.unwrap_or(old.beta)),
                gamma: Some(change.gamma.unwrap_or(old.gamma)),
                quota: Some(change.quota.unwrap_or(old.quota)),
            };
            if old.status == CampaignStatus::Pending {
                sale.promise(new.quota)?;
            }
            Ok(new)
        });
        let is_active = old.status == CampaignStatus::Active;
        let title = if is_active { t.campaign_extend } else { t.campaign_edit };
        let body = match (context.form_step(), checked) {
            (FormStep::Review, Ok(new)) => {
                let rows = changed_rows(&context, &sale, &input, &old, &new);
                let mut effects =
                    if is_active { vec![t.extend_effect.to_owned()] } else { sale.effects(&context, new.quota) };
                if !is_active && new.start_time <= now {
                    effects.insert(0, t.starts_at_once_edited.to_owned());
                }
                effects.extend(repeated_times(&context, &input));
                let action = "/api/ui/update_campaign";
                let confirm = if is_active { t.campaign_extend } else { t.save };
                let id = Some(id.to_string());
                form_review(&context, FormReview { action, id, input: &input, rows, effects, confirm, is_final: false })
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, &input, &sale, Some(&old), Some(&error))
            }
            _ => form(&context, &input, &sale, Some(&old), context.form_error().as_ref()),
        };
        let title = t.about(title, &isolated(&old.product.name));
        Ok(if is_active { form_page(&context, title, body) } else { search_page(&context, title, body) })
    })
}

/// The page of a form in which the Enter key submits the product search, which changes nothing.
fn search_page(context: &PageContext, title: impl Into<String>, body: AnyView) -> PageContent {
    PageContent { form: Some(PageForm { id: FORM_ID, enter: FIND }), ..form_page(context, title, body) }
}

/// The initial form: defaults, starting with the next full minute.
fn fresh(context: &PageContext, product: Option<&str>) -> CampaignInput {
    let now = context.engine.clock.now();
    let start = now.plus_millis(60_000 - now.unix_millis().rem_euclid(60_000));
    let zone = context.zone();
    CampaignInput {
        product_id: product.unwrap_or_default().to_owned(),
        start_time: zone.input(start),
        end_time: zone.input(start.plus_millis(DEFAULT_MS)),
        zone: zone.id(),
        alpha: domain::Coefficients::default().alpha.get().to_string(),
        beta: domain::Coefficients::default().beta.get().to_string(),
        gamma: domain::Coefficients::default().gamma.get().to_string(),
        ..CampaignInput::default()
    }
}

fn with_quota(input: &CampaignInput, quota: Option<Quota>) -> CampaignInput {
    let quota = quota.map_or_else(|| input.quota.clone(), |quota| quota.get().to_string());
    CampaignInput { quota, ..input.clone() }
}

/// The product a campaign sells, and the products to choose from. What is promised to the campaign itself does not count
/// as promised here: it is not lost to it.
struct ProductForSale {
    /// The search among the products, as typed.
    find: String,
    /// Whether it is invalid, so that it finds nothing.
    find_refused: bool,
    /// The chosen product, the one that the saved campaign sells, and the first of the active products found.
    products: Vec<ProductStock>,
    /// How many were found.
    found: i64,
    /// How many of these are listed.
    listed: usize,
    /// The chosen one of `products`.
    chosen: Option<ProductStock>,
    /// Whether the product that was chosen was withdrawn, so that it cannot be.
    is_withdrawn: bool,
}

/// Loads the products to choose from, and the chosen one.
async fn product_for_sale(
    context: &PageContext,
    actor: &User,
    input: &CampaignInput,
    old: Option<&Campaign>,
) -> Result<ProductForSale, PageError> {
    let find = input.find.clone();
    let search = find.parse::<Search>();
    let find_refused = search.is_err();
    let first = ListPage { skip: 0, limit: limits::PAGE_LIMIT_MAX };
    let (mut products, found) = match search {
        Ok(search) => {
            let offered = context.engine.products.offered_stock_list(actor, &search, first).await?;
            (offered.products, offered.total)
        }
        Err(_) => (Vec::new(), 0),
    };
    let listed = products.len();
    let mut is_withdrawn = false;
    let old_id = old.map(|old| old.product_id);
    let chosen_id = input.product_id.parse::<ProductId>().ok();
    // The chosen product is listed even if the search did not find it, and so is the saved campaign's, so that the admin
    // can return to it.
    for id in [old_id, chosen_id].into_iter().flatten() {
        if products.iter().all(|it| it.product.product_id != id) {
            match context.engine.products.stock_of(actor, id).await {
                Ok(it) => {
                    // An inactive one may be sold only if the campaign sells it already.
                    is_withdrawn |= it.product.status == ProductStatus::Inactive && old_id != Some(id);
                    products.insert(0, it);
                }
                Err(error) if error.code() == ErrorCode::ProductNotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    if let Some(old) = old {
        let sold = products.iter_mut().filter(|it| it.product.product_id == old.product_id);
        sold.for_each(|it| it.promised -= i64::from(old.quota.get()));
    }
    let chosen = products.iter().find(|it| Some(it.product.product_id) == chosen_id).cloned();
    Ok(ProductForSale { find, find_refused, products, found, listed, chosen, is_withdrawn })
}

impl ProductForSale {
    /// Units of the chosen product that are available to this campaign.
    fn available(&self) -> i64 {
        self.chosen.as_ref().map_or(0, ProductStock::free)
    }

    /// The quota the engine would grant.
    fn promise(&self, wanted: Option<Quota>) -> Result<Quota, ApiError> {
        if self.is_withdrawn {
            return Err(ApiError::field("product_id", "must be on offer"));
        }
        if self.chosen.is_none() {
            return Err(ApiError { errors: ApiError::field("product_id", "").errors, ..product_not_found() });
        }
        grant_quota(self.available(), wanted).ok_or_else(short_of_stock)
    }

    /// Why the quota was refused. The stock may have changed since, so it says how much there is now.
    fn shortage(&self, context: &PageContext) -> Option<String> {
        let chosen = self.chosen.as_ref()?;
        let numbers = [i64::from(chosen.product.stock), chosen.promised, self.available()];
        let [stock, reserved, free] = numbers.map(|number| count(number.max(0).unsigned_abs()));
        Some(messages(context).stock_short(&stock, &reserved, &free))
    }

    /// The chosen product's name.
    fn name(&self) -> String {
        self.chosen.as_ref().map(|chosen| chosen.product.name.clone()).unwrap_or_default()
    }

    /// The chosen product's minimum price.
    fn min_price(&self) -> Option<Money> {
        self.chosen.as_ref().map(|chosen| chosen.product.min_price)
    }

    /// What the quota means for the stock, for the review.
    fn effects(&self, context: &PageContext, quota: Option<Quota>) -> Vec<String> {
        let Some(chosen) = &self.chosen else { return Vec::new() };
        let quota = quota.map_or(0, |quota| i64::from(quota.get()));
        let numbers = [quota, i64::from(chosen.product.stock), chosen.promised, chosen.free() - quota];
        let [quota, stock, others, free] = numbers.map(|number| number.to_string());
        vec![messages(context).quota_effect(&quota, &stock, &others, &free)]
    }
}

/// The error as it is now, with its field: a campaign is refused as a conflict if its product was withdrawn, which may
/// have been undone.
fn present_error(error: &ApiError, sale: &ProductForSale, old: Option<&Campaign>) -> Option<ApiError> {
    if error.code != ErrorCode::Conflict || old.is_some() {
        return Some(with_stock_field(error, "quota"));
    }
    sale.is_withdrawn.then(|| ApiError::field("product_id", "must be on offer"))
}

fn product_not_found() -> ApiError {
    ApiError::new(ErrorCode::ProductNotFound, "There is no such product.")
}

fn short_of_stock() -> ApiError {
    ApiError::new(ErrorCode::InsufficientStock, "The product does not have enough stock for this quota.")
}

fn form(
    context: &PageContext,
    input: &CampaignInput,
    sale: &ProductForSale,
    old: Option<&Campaign>,
    error: Option<&ApiError>,
) -> AnyView {
    let t = messages(context);
    let error = error.and_then(|error| present_error(error, sale, old));
    let error = error.as_ref();
    let changed_meanwhile = error.is_some_and(|error| error.code == ErrorCode::Conflict);
    let zone = input.chosen_zone();
    let saved = old.filter(|_| changed_meanwhile).map(|old| CampaignInput::of(old, &zone));
    let fingerprint = saved.as_ref().unwrap_or(input).fingerprint.clone();
    let now = context.engine.clock.now();
    let is_active = old.is_some_and(|old| old.status == CampaignStatus::Active);
    let controls = if is_active { extension_controls(context, input) } else { all_controls(context, input, sale, old) };
    let problems = match &saved {
        // Filled in before the start: the form had fields that can no longer be changed.
        Some(saved) if is_active && !input.product_id.is_empty() => {
            Some(edit_conflict(context, &all_controls(context, input, sale, old), saved, t.differs_started))
        }
        Some(saved) => Some(edit_conflict(context, &controls, saved, t.differs_hint)),
        None => {
            let short = error.filter(|error| error.code == ErrorCode::InsufficientStock).zip(sale.shortage(context));
            match short {
                Some((error, message)) => Some(summary_with_message(context, &controls, error, message)),
                None => controls_error_summary(context, &controls, error),
            }
        }
    };
    let facts = old.map(|old| {
        let schedule = t.campaign_now(&zone.show(old.start_time), &zone.show(old.end_time));
        view! { <p class="notice">{schedule}</p> }
    });
    let controls: Vec<_> = controls.into_iter().map(|it| form_control(context, it, error)).collect();
    let path = context.path.clone();
    let preview = (!is_active).then(|| {
        let price = sale.min_price().or_else(|| Money::from_cents(EXAMPLE_CENTS)).unwrap_or(Money::MIN);
        score_preview(context, input.coefficients(), price, length_ms(input))
    });
    let find = (!is_active).then(|| product_search(context, sale));
    let update = (!is_active).then(|| {
        view! {
            <button formaction=format!("{path}#preview") formnovalidate name="step" value="edit">
                {t.preview_update}
            </button>
        }
    });
    let leave =
        old.map_or_else(|| "/admin/campaigns".to_owned(), |old| format!("/admin/campaigns/{}", old.campaign_id));
    view! {
        <div class="with-preview">
            <div class="card">
                <form class="form" id=FORM_ID method="post" action=path novalidate>
                    {user_field(context)}
                    {problems}
                    {facts}
                    <p class="hint">{t.opened_at(&zone.show(now))}</p>
                    {find}
                    <div class="form-grid">{controls}</div>
                    <input type="hidden" name="fingerprint" value=fingerprint />
                    <div class="actions">
                        <button class="primary" name="step" value="review">{t.to_review}</button>
                        {update}
                        <a class="button" href=leave>{t.leave}</a>
                    </div>
                </form>
            </div>
            {preview}
        </div>
    }
    .into_any()
}

/// A search for products by name, because the choice below it cannot list thousands. Submitting it shows the form again
/// as it was typed.
fn product_search(context: &PageContext, sale: &ProductForSale) -> AnyView {
    let t = messages(context);
    let listed = sale.listed;
    let hint = if sale.find_refused {
        search_rule(context)
    } else if sale.found == 0 {
        t.find_none.to_owned()
    } else if usize::try_from(sale.found) == Ok(listed) {
        t.find_all(&count(sale.found.unsigned_abs()))
    } else {
        t.find_some(&listed.to_string(), &count(sale.found.unsigned_abs()))
    };
    let class = if sale.find_refused { "field-error" } else { "hint" };
    view! {
        <div class="toolbar search">
            <div class="field">
                <label for=FIND>{t.find}</label>
                <input
                    type="search"
                    id=FIND
                    name=FIND
                    value=sale.find.clone()
                    aria-describedby="find-hint"
                    aria-invalid=sale.find_refused.then_some("true")
                />
            </div>
            <button formnovalidate name="step" value=FIND>
                {t.search_button}
            </button>
        </div>
        <p class=class id="find-hint">{hint}</p>
    }
    .into_any()
}

fn all_controls(
    context: &PageContext,
    input: &CampaignInput,
    sale: &ProductForSale,
    old: Option<&Campaign>,
) -> Vec<FormControl> {
    let t = messages(context);
    let mut choices = vec![(String::new(), t.choose.to_owned())];
    choices.extend(sale.products.iter().map(|it| {
        let free = t.free_of(&it.free().to_string(), &it.product.stock.to_string());
        let state = if it.product.status == ProductStatus::Active { free } else { t.withdrawn_of(&free) };
        (it.product.product_id.to_string(), format!("{} ({state})", isolated(&it.product.name)))
    }));
    let number = || ControlKind::Number("0", "100000", "any");
    let available = sale.available().to_string();
    let quota_hint = match (&sale.chosen, old) {
        (Some(_), Some(old)) if i64::from(old.quota.get()) <= sale.available() => {
            t.quota_hint_edit(&available, &old.quota.get().to_string())
        }
        (Some(_), Some(_)) => t.quota_hint_most(&available),
        (Some(_), None) => t.quota_hint_of(&available),
        (None, _) => t.quota_hint.to_owned(),
    };
    vec![
        FormControl::new("product_id", t.product, &input.product_id, ControlKind::Choice(choices)),
        zone_control(context, input),
        time_control(context, input, "start_time", t.start_time, &input.start_time),
        time_control(context, input, "end_time", t.end_time, &input.end_time),
        FormControl::new("quota", t.quota, &input.quota, ControlKind::Number("1", "1000000", "1"))
            .hint(quota_hint)
            .optional(t),
        FormControl::new("alpha", t.alpha, &input.alpha, number()).hint(t.alpha_hint),
        FormControl::new("beta", t.beta, &input.beta, number()).hint(t.beta_hint),
        FormControl::new("gamma", t.gamma, &input.gamma, number()).hint(t.gamma_hint),
    ]
}

/// A running campaign can only be extended.
fn extension_controls(context: &PageContext, input: &CampaignInput) -> Vec<FormControl> {
    let t = messages(context);
    vec![
        zone_control(context, input),
        time_control(context, input, "end_time", t.end_time, &input.end_time).hint(t.extend_hint),
    ]
}

fn zone_control(context: &PageContext, input: &CampaignInput) -> FormControl {
    let t = messages(context);
    FormControl::new("zone", t.zone, &input.chosen_zone().id(), ControlKind::Zone).hint(t.zone_hint)
}

fn time_control(
    context: &PageContext,
    input: &CampaignInput,
    name: &'static str,
    label: &'static str,
    typed: &str,
) -> FormControl {
    let control = FormControl::new(name, label, typed, ControlKind::DateTime);
    match input.chosen_zone().instant(typed) {
        Err(TimeError::Skipped) => control.rule(messages(context).rule_skipped_time),
        _ => control,
    }
}

/// The length of the typed campaign; the default if its times are invalid.
fn length_ms(input: &CampaignInput) -> i64 {
    let zone = input.chosen_zone();
    let at = |text: &str| zone.instant(text).ok();
    match (at(&input.start_time), at(&input.end_time)) {
        (Some(start), Some(end)) if end > start => end.millis_since(start),
        _ => DEFAULT_MS,
    }
}

fn new_rows(
    context: &PageContext,
    sale: &ProductForSale,
    input: &CampaignInput,
    new: &CreateCampaign,
) -> Vec<ReviewRow> {
    let t = messages(context);
    let zone = input.chosen_zone();
    let chosen = input.coefficients();
    vec![
        ReviewRow::new(t.product, None, sale.name()),
        ReviewRow::new(t.min_price, None, sale.min_price().map(money).unwrap_or_default()),
        ReviewRow::new(t.start_time, None, zone.show(new.start_time)),
        ReviewRow::new(t.end_time, None, zone.show(new.end_time)),
        ReviewRow::new(t.length, None, length(context, new.end_time.millis_since(new.start_time))),
        ReviewRow::new(t.quota, None, new.quota.map(|quota| quota.get().to_string()).unwrap_or_default()),
        ReviewRow::new(t.alpha, None, chosen.alpha.get().to_string()),
        ReviewRow::new(t.beta, None, chosen.beta.get().to_string()),
        ReviewRow::new(t.gamma, None, chosen.gamma.get().to_string()),
    ]
}

fn changed_rows(
    context: &PageContext,
    sale: &ProductForSale,
    input: &CampaignInput,
    old: &Campaign,
    new: &CreateCampaign,
) -> Vec<ReviewRow> {
    let t = messages(context);
    let zone = input.chosen_zone();
    let coefficient = |label, old: f64, new: Option<domain::score::Coefficient>| {
        ReviewRow::new(label, Some(old.to_string()), new.map(|new| new.get().to_string()).unwrap_or_default())
    };
    let length_of = |start: Timestamp, end: Timestamp| length(context, end.millis_since(start));
    let product = if new.product_id == old.product_id { old.product.name.clone() } else { sale.name() };
    vec![
        ReviewRow::new(t.product, Some(old.product.name.clone()), product),
        ReviewRow::new(t.start_time, Some(zone.show(old.start_time)), zone.show(new.start_time)),
        ReviewRow::new(t.end_time, Some(zone.show(old.end_time)), zone.show(new.end_time)),
        ReviewRow::new(
            t.length,
            Some(length_of(old.start_time, old.end_time)),
            length_of(new.start_time, new.end_time),
        ),
        ReviewRow::new(t.quota, Some(old.quota.get().to_string()), new.quota.unwrap_or(old.quota).get().to_string()),
        coefficient(t.alpha, old.alpha.get(), new.alpha),
        coefficient(t.beta, old.beta.get(), new.beta),
        coefficient(t.gamma, old.gamma.get(), new.gamma),
    ]
}

/// Notes that say which instant is meant by a time that occurs twice because clocks are set back.
fn repeated_times(context: &PageContext, input: &CampaignInput) -> Vec<String> {
    let t = messages(context);
    let zone = input.chosen_zone();
    let times = [(t.start_time, &input.start_time), (t.end_time, &input.end_time)];
    let repeated = times.into_iter().filter(|(_, typed)| zone.is_repeated(typed));
    let notes = repeated.filter_map(|(label, typed)| {
        let meant = zone.name_at(zone.instant(typed).ok()?);
        Some(t.repeated_time(label, &typed.replace('T', " "), &meant))
    });
    notes.collect()
}

fn length(context: &PageContext, ms: i64) -> String {
    crate::format::time_left(ms, context.lang.island_messages().days_unit)
}

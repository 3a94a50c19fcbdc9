//! The audit log: every action of an admin.

use super::{
    PAGE_ROWS, admin_page, list_page,
    list_search::{Parameter, empty_search, list_url, refused_search, search_form_with},
    messages,
};
use crate::{
    components::{
        display_name::display_name,
        empty_list::empty_list,
        pagination::{paginated, requested_page},
        time_tag::time_to_second,
    },
    form_input::Zone,
    format::isolated,
    i18n::AdminMessages,
    layout::render_page,
    page_context::PageContext,
};
use domain::{Timestamp, UserId, api::accounts::User, validated::Search};
use engine::{AuditEntry, AuditFilter, AuditSubject};
use leptos::{either::Either, prelude::*};
use serde_json::Value;

const PATH: &str = "/admin/audit";
/// The query parameter with what was acted on.
const KIND: &str = "kind";

/// The query parameter with the id of who acted.
const ACTOR: &str = "by";
/// The query parameters with the first and the last day.
const FROM: &str = "from";
const TO: &str = "to";

/// `/admin/audit`; `?kind=`, `?by=`, `?from=`, `?to=` and `?q=` filter it.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let reader = context.admin()?;
        let t = messages(&context);
        let asked = requested_page(&context, PAGE_ROWS);
        let filters = Filters::of(&context);
        let search = match context.search() {
            Ok(search) => search,
            Err(typed) => {
                let body = refused_search(&context, PATH, t.search_audit, &typed, &filters.parameters());
                return Ok(admin_page(&context, t.nav_audit, body));
            }
        };
        let actor = match filters.actor {
            Some(actor) => context.engine.accounts.user(reader, actor).await.ok(),
            None => None,
        };
        let actions = AdminMessages::actions_in_words(&search);
        let (from, until) = filters.period(&context.zone());
        let filter = AuditFilter {
            search: &search,
            actions: &actions,
            subject: filters.subject,
            actor: filters.actor,
            from,
            until,
        };
        let log = context.engine.audit_log.search(reader, filter, asked).await?;
        let none = if filters.is_any() {
            empty_list(t.search_none, t.search_none_hint, Some((PATH, t.search_all))).into_any()
        } else {
            empty_search(&context, PATH, &search, t.audit_none, t.audit_none_hint)
        };
        let list = entry_list(&context, log.entries);
        let body = view! {
            <div class="toolbar">
                {kinds(&context, &filters, &search)}
                <a class="button" href="/admin/audit.csv" download>
                    {t.export_audit}
                </a>
            </div>
            {search_form_with(
                &context,
                PATH,
                t.search_audit,
                &search,
                &filters.without_days().parameters(),
                days(&context, &filters),
            )}
            {actor.map(|actor| only_of(&context, &filters, &search, &actor))}
            {paginated(&context, &list_url(PATH, &filters.parameters(), &search), asked, log.total, list, none)}
        };
        Ok(list_page(&context, t.nav_audit, body))
    })
}

/// What filters the log besides the search.
#[derive(Clone, Default)]
struct Filters {
    subject: Option<AuditSubject>,
    actor: Option<UserId>,
    /// The first day, as in `2026-01-31`.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
}

impl Filters {
    fn of(context: &PageContext) -> Self {
        let kind = context.query(KIND);
        let zone = context.zone();
        // What is no day filters nothing, and is not shown as a filter.
        let day = |name| context.query(name).filter(|day| zone.day(day).is_some());
        Self {
            subject: AuditSubject::ALL.into_iter().find(|subject| Some(subject.as_str()) == kind.as_deref()),
            actor: context.query(ACTOR).and_then(|id| id.parse().ok()),
            from: day(FROM),
            to: day(TO),
        }
    }

    fn without_days(&self) -> Self {
        Self { from: None, to: None, ..self.clone() }
    }

    fn is_any(&self) -> bool {
        !self.parameters().is_empty()
    }

    /// As query parameters.
    fn parameters(&self) -> Vec<Parameter> {
        let subject = self.subject.map(|subject| (KIND, subject.as_str().to_owned()));
        let actor = self.actor.map(|actor| (ACTOR, actor.to_string()));
        let days = [(FROM, &self.from), (TO, &self.to)].map(|(name, day)| Some((name, day.clone()?)));
        [subject, actor].into_iter().chain(days).flatten().collect()
    }

    /// From the beginning of the first day to the end of the last, in the reader's zone.
    fn period(&self, zone: &Zone) -> (Option<Timestamp>, Option<Timestamp>) {
        let day = |day: &Option<String>| zone.day(day.as_ref()?);
        (day(&self.from).map(|(first, _)| first), day(&self.to).map(|(_, next)| next))
    }
}

fn kinds(context: &PageContext, filters: &Filters, search: &Search) -> impl IntoView + use<> {
    let t = messages(context);
    let link = |subject: Option<AuditSubject>, text: &'static str| {
        let href = list_url(PATH, &Filters { subject, ..filters.clone() }.parameters(), search);
        view! { <a href=href aria-current=(filters.subject == subject).then_some("true")>{text}</a> }
    };
    view! {
        <nav class="tabs wrapped" aria-label=t.filter>
            {link(None, t.all)} {link(Some(AuditSubject::Product), t.nav_products)}
            {link(Some(AuditSubject::Campaign), t.nav_campaigns)} {link(Some(AuditSubject::User), t.nav_users)}
        </nav>
    }
}

/// The fields for the first and the last day.
fn days(context: &PageContext, filters: &Filters) -> AnyView {
    let t = messages(context);
    let field = |name: &'static str, label: &'static str, day: &Option<String>| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input type="date" id=name name=name value=day.clone() />
            </div>
        }
    };
    view! {
        {field(FROM, t.from_day, &filters.from)}
        {field(TO, t.to_day, &filters.to)}
    }
    .into_any()
}

/// Says that only one person's actions are listed, and leads back to everybody's.
fn only_of(context: &PageContext, filters: &Filters, search: &Search, actor: &User) -> impl IntoView + use<> {
    let t = messages(context);
    let everybody = list_url(PATH, &Filters { actor: None, ..filters.clone() }.parameters(), search);
    view! {
        <p class="notice">{t.only_of(&isolated(&actor.email))} " " <a href=everybody>{t.of_everybody}</a></p>
    }
}

/// The entries, each with its changes.
pub(super) fn entry_list(context: &PageContext, entries: Vec<AuditEntry>) -> AnyView {
    let t = messages(context);
    let rows = entries.into_iter().map(|entry| {
        let subject = entry.subject_id.to_string();
        let href = match entry.action.split('.').next() {
            Some("product") => format!("/admin/products/{subject}"),
            Some("campaign") => format!("/admin/campaigns/{subject}"),
            _ => format!("/admin/users/{subject}"),
        };
        let name = subject_name(&entry.after).map_or_else(|| subject[..8].to_owned(), ToOwned::to_owned);
        let changes = changes(entry.before.as_ref(), &entry.after);
        let action = if is_extension(&entry.action, &changes) {
            t.action_campaign_extend.to_owned()
        } else {
            t.action(&entry.action)
        };
        let changes = changes.into_iter().map(|(name, before, after)| {
            view! {
                <li>
                    {field_label(t, &name)}
                    ": "
                    {before.map(|before| view! { <del>{value(context, before)}</del> " → " })}
                    <ins>{value(context, after)}</ins>
                </li>
            }
        });
        view! {
            <li>
                <p class="bid-meta">
                    {actor(t, &entry.action, entry.actor_id, entry.actor_email)}
                    <strong>{action}</strong>
                    <a href=href title=subject>{display_name(context, &name)}</a>
                    {time_to_second(context, entry.created_at)}
                </p>
                <ul class="changes">{changes.collect_view()}</ul>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! { <ol class="card audit">{rows}</ol> }.into_any()
}

/// Whether an edit has done nothing but move a campaign's end to a later time.
fn is_extension(action: &str, changes: &[(String, Option<String>, String)]) -> bool {
    let [(field, Some(before), after)] = changes else { return false };
    let later = before.parse::<Timestamp>().ok() < after.parse::<Timestamp>().ok();
    action == "campaign.update" && field == "end_time" && later
}

/// Who acted, with a link to all that they did.
fn actor(t: &AdminMessages, action: &str, id: Option<UserId>, email: Option<String>) -> impl IntoView + use<> {
    let nobody = match action {
        "user.refuse_sign_in" => t.somebody,
        "user.erase" => t.themselves,
        _ => t.nobody,
    };
    match (id, email) {
        (Some(id), Some(email)) => Either::Left(view! {
            <a href=format!("{PATH}?{ACTOR}={id}")>
                <bdi>{email}</bdi>
            </a>
        }),
        (_, email) => Either::Right(view! { <bdi>{email.unwrap_or_else(|| nobody.to_owned())}</bdi> }),
    }
}

/// The name of what was acted on: a product's, a campaign's product's or a member's.
fn subject_name(after: &Value) -> Option<&str> {
    let product = after.get("product").unwrap_or(after);
    product.get("name").or_else(|| after.get("username"))?.as_str()
}

/// A field in words; its name where there are none.
fn field_label(t: &AdminMessages, name: &str) -> Either<&'static str, impl IntoView + use<>> {
    let label = match name {
        "name" | "username" => t.name,
        "description" => t.description,
        "image_url" => t.image_url,
        "stock" => t.stock,
        "min_price" => t.min_price,
        "status" => t.status,
        "start_time" => t.start_time,
        "end_time" => t.end_time,
        "quota" => t.quota,
        "alpha" => t.alpha,
        "beta" => t.beta,
        "gamma" => t.gamma,
        "weight" => t.weight,
        "cancel_reason" | "reason" => t.reason,
        "price" => t.price,
        "email" => t.email,
        _ => return Either::Right(view! { <code>{name.to_owned()}</code> }),
    };
    Either::Left(label)
}

/// A value as the reader writes it: times in their zone.
fn value(context: &PageContext, value: String) -> impl IntoView + use<> {
    match value.parse::<Timestamp>() {
        Ok(time) => Either::Left(time_to_second(context, time)),
        Err(_) => Either::Right(view! { <bdi>{value}</bdi> }),
    }
}

/// The changes of an entry: field, old value, new value; for a new record all its fields. Ids, timestamps and the
/// product within a campaign are left out.
fn changes(before: Option<&Value>, after: &Value) -> Vec<(String, Option<String>, String)> {
    let Some(after) = after.as_object() else { return Vec::new() };
    let is_relevant =
        |name: &str| !name.ends_with("_at") && name != "product" && (name != "product_id" || before.is_some());
    let own_id = |name: &str| matches!(name, "campaign_id" | "user_id");
    after
        .iter()
        .filter(|(name, value)| is_relevant(name) && !own_id(name) && !(before.is_none() && value.is_null()))
        .filter_map(|(name, value)| {
            let old = before.and_then(|before| before.get(name));
            let is_new = before.is_none();
            (is_new || old != Some(value)).then(|| {
                let old = (!is_new).then(|| text(old.unwrap_or(&Value::Null)));
                (name.clone(), old, text(value))
            })
        })
        .collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_changed_fields_are_listed() {
        let before = json!({ "user_id": "u", "weight": 1.0, "status": "active" });
        let after = json!({ "user_id": "u", "weight": 2.5, "status": "active" });
        assert_eq!(changes(Some(&before), &after), [("weight".to_owned(), Some("1.0".to_owned()), "2.5".to_owned())]);
    }

    #[test]
    fn of_a_new_record_all_relevant_fields_are_listed() {
        let created = json!({ "product_id": "p", "name": "Keyboard", "description": null, "created_at": "now" });
        assert_eq!(changes(None, &created), [("name".to_owned(), None, "Keyboard".to_owned())]);
    }

    #[test]
    fn only_a_later_end_is_an_extension() {
        let end = |end: &str| json!({ "end_time": end, "quota": 3 });
        let is =
            |after: &Value| is_extension("campaign.update", &changes(Some(&end("2026-01-31T12:00:00.000Z")), after));
        assert!(is(&end("2026-01-31T12:05:00.000Z")));
        assert!(!is(&end("2026-01-31T11:55:00.000Z")));
        assert!(!is(&json!({ "end_time": "2026-01-31T12:05:00.000Z", "quota": 4 })));
    }

    #[test]
    fn a_missing_old_value_is_a_dash() {
        let reason = json!({ "cancel_reason": "broken" });
        let expected = [("cancel_reason".to_owned(), Some("–".to_owned()), "broken".to_owned())];
        assert_eq!(changes(Some(&json!({})), &reason), expected);
    }
}

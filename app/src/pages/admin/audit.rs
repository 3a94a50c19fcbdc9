//! What admins did.

use super::{
    PAGE_ROWS, admin_page, messages,
    search::{address, nothing, search_form},
};
use crate::{
    components::{
        pagination::{paginated, requested_page},
        time_tag::time_to_second,
    },
    layout::render_page,
    page_context::PageContext,
};
use engine::AuditEntry;
use leptos::prelude::*;
use serde_json::Value;

const PATH: &str = "/admin/audit";

/// `/admin/audit`, and `?q=` for some of it.
#[component]
pub fn AuditPage() -> impl IntoView {
    render_page(move |visit: PageContext| async move {
        let actor = visit.admin()?;
        let t = messages(&visit);
        let asked = requested_page(&visit, PAGE_ROWS);
        let search = visit.search()?;
        let log = visit.engine.audit_log(actor, &search, asked).await?;
        let none = nothing(&visit, PATH, &search, t.audit_none, t.audit_none_hint);
        let list = list(&visit, log.entries);
        let body = view! {
            <p class="actions">
                <a class="button" href="/admin/audit.csv" download>
                    {t.export_audit}
                </a>
            </p>
            {search_form(&visit, PATH, t.search_audit, &search, None)}
            {paginated(&visit, &address(PATH, None, &search), asked, log.total, list, none)}
        };
        Ok(admin_page(&visit, t.nav_audit, body))
    })
}

/// Entries with what changed in each.
pub(super) fn list(visit: &PageContext, entries: Vec<AuditEntry>) -> AnyView {
    let t = messages(visit);
    let rows = entries.into_iter().map(|entry| {
        let subject = entry.subject_id.to_string();
        let href = match entry.action.split('.').next() {
            Some("product") => format!("/admin/products/{subject}"),
            Some("campaign") => format!("/admin/campaigns/{subject}"),
            _ => format!("/admin/users/{subject}"),
        };
        let changes = changes(entry.before.as_ref(), &entry.after);
        let changes = changes.into_iter().map(|(name, before, after)| {
            view! {
                <li>
                    <code>{name}</code>
                    ": "
                    {before.map(|before| view! { <del><bdi>{before}</bdi></del> " → " })}
                    <ins><bdi>{after}</bdi></ins>
                </li>
            }
        });
        view! {
            <li>
                <p class="bid-meta">
                    <strong>{t.action(&entry.action)}</strong>
                    <a href=href aria-label=subject.clone()>
                        <code>{subject[..8].to_owned()}</code>
                    </a>
                    <bdi>{entry.actor_email.unwrap_or_else(|| t.nobody.to_owned())}</bdi>
                    {time_to_second(visit, entry.created_at)}
                </p>
                <ul class="changes">{changes.collect_view()}</ul>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! { <ol class="card audit">{rows}</ol> }.into_any()
}

/// What an entry changed: name, before, after. Of something new, what it is; ids and the product
/// inside a campaign tell nothing.
fn changes(before: Option<&Value>, after: &Value) -> Vec<(String, Option<String>, String)> {
    let Some(after) = after.as_object() else { return Vec::new() };
    let telling =
        |name: &str| !name.ends_with("_at") && name != "product" && (name != "product_id" || before.is_some());
    let own_id = |name: &str| matches!(name, "campaign_id" | "user_id");
    after
        .iter()
        .filter(|(name, value)| telling(name) && !own_id(name) && !(before.is_none() && value.is_null()))
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
    fn only_what_changed_is_told() {
        let before = json!({ "user_id": "u", "weight": 1.0, "status": "active" });
        let after = json!({ "user_id": "u", "weight": 2.5, "status": "active" });
        assert_eq!(changes(Some(&before), &after), [("weight".to_owned(), Some("1.0".to_owned()), "2.5".to_owned())]);
    }

    #[test]
    fn of_something_new_everything_is_told_that_says_something() {
        let created = json!({ "product_id": "p", "name": "Keyboard", "description": null, "created_at": "now" });
        assert_eq!(changes(None, &created), [("name".to_owned(), None, "Keyboard".to_owned())]);
    }

    #[test]
    fn what_was_not_there_before_has_a_dash() {
        let reason = json!({ "cancel_reason": "broken" });
        let expected = [("cancel_reason".to_owned(), Some("–".to_owned()), "broken".to_owned())];
        assert_eq!(changes(Some(&json!({})), &reason), expected);
    }
}

//! The audit log: every action of an admin.

use super::{
    PAGE_ROWS, admin_page, list_page,
    list_search::{empty_search, list_url, refused_search, search_form},
    messages,
};
use crate::{
    components::{
        pagination::{paginated, requested_page},
        time_tag::time_to_second,
    },
    i18n::AdminMessages,
    layout::render_page,
    page_context::PageContext,
};
use engine::AuditEntry;
use leptos::prelude::*;
use serde_json::Value;

const PATH: &str = "/admin/audit";

/// `/admin/audit`; `?q=` filters it.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let asked = requested_page(&context, PAGE_ROWS);
        let search = match context.search() {
            Ok(search) => search,
            Err(typed) => {
                let body = refused_search(&context, PATH, t.search_audit, &typed, None);
                return Ok(admin_page(&context, t.nav_audit, body));
            }
        };
        let actions = AdminMessages::actions_in_words(&search);
        let log = context.engine.audit_log.search(actor, &search, &actions, asked).await?;
        let none = empty_search(&context, PATH, &search, t.audit_none, t.audit_none_hint);
        let list = entry_list(&context, log.entries);
        let body = view! {
            <p class="actions">
                <a class="button" href="/admin/audit.csv" download>
                    {t.export_audit}
                </a>
            </p>
            {search_form(&context, PATH, t.search_audit, &search, None)}
            {paginated(&context, &list_url(PATH, None, &search), asked, log.total, list, none)}
        };
        Ok(list_page(&context, t.nav_audit, body))
    })
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
                    {time_to_second(context, entry.created_at)}
                </p>
                <ul class="changes">{changes.collect_view()}</ul>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! { <ol class="card audit">{rows}</ol> }.into_any()
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
    fn a_missing_old_value_is_a_dash() {
        let reason = json!({ "cancel_reason": "broken" });
        let expected = [("cancel_reason".to_owned(), Some("–".to_owned()), "broken".to_owned())];
        assert_eq!(changes(Some(&json!({})), &reason), expected);
    }
}

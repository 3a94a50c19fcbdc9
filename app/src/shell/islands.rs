//! The script that brings islands to life.
//!
//! The framework's own (`HydrationScripts`) announces the code in the head, so that it competes with
//! the style sheet and the picture for a slow line, and does so on pages without islands too.

use crate::lang::Lang;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use std::{fs, sync::OnceLock};

const LOADER: &str = include_str!("islands.js");

/// The last script of the body, and before it what it says when the page no longer moves.
pub(super) fn script(options: &LeptosOptions, lang: Lang) -> impl IntoView + use<> {
    static NAMES: OnceLock<Option<Names>> = OnceLock::new();
    // Nothing is hydrated: no data of the framework goes into the page.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let t = lang.page_messages();
    let names = NAMES.get_or_init(|| Names::read(options)).as_ref();
    names.map(|Names { script, wasm }| {
        let pkg = &options.site_pkg_dir;
        let call = format!("{}({:?}, {script:?}, {wasm:?})", LOADER.trim_end(), format!("/{pkg}"));
        view! {
            <p id="standstill" class="notice standstill" role="alert" hidden>
                {t.standstill} " " <a href="">{t.reload}</a>
            </p>
            <script type="module" nonce=use_nonce() inner_html=call></script>
        }
    })
}

/// The files' names without their endings; they change with their content.
struct Names {
    script: String,
    wasm: String,
}

impl Names {
    /// None where the site has not been built: pages work without it.
    fn read(options: &LeptosOptions) -> Option<Self> {
        let hashes = fs::read_to_string(options.hash_file.as_ref()).ok()?;
        let name = |kind: &str| {
            let hash = hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'))?;
            Some(format!("{}.{}", options.output_name, hash.trim()))
        };
        Some(Self { script: name("js")?, wasm: name("wasm")? })
    }
}

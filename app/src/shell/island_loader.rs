//! The script that loads the islands' code.
//!
//! The framework's own (`HydrationScripts`) preloads the code in the head, where it competes with the style sheet and
//! pictures for a slow connection, also on pages without islands.

use crate::lang::Lang;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use std::{fs, sync::OnceLock};

const LOADER: &str = include_str!("island_loader.js");

/// The last script of the body, preceded by the notice that it shows if the islands fail.
pub(super) fn loader_script(options: &LeptosOptions, lang: Lang) -> impl IntoView + use<> {
    static NAMES: OnceLock<Option<BundleNames>> = OnceLock::new();
    // Nothing is hydrated, so the framework's data is left out of the page.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let t = lang.page_messages();
    let names = NAMES.get_or_init(|| BundleNames::read(options)).as_ref();
    names.map(|BundleNames { script, wasm }| {
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

/// The files' names without extensions; they contain a hash of the content.
struct BundleNames {
    script: String,
    wasm: String,
}

impl BundleNames {
    /// None if the browser's code has not been built; pages work without it.
    fn read(options: &LeptosOptions) -> Option<Self> {
        let hashes = fs::read_to_string(options.hash_file.as_ref()).ok()?;
        let name = |kind: &str| {
            let hash = hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'))?;
            Some(format!("{}.{}", options.output_name, hash.trim()))
        };
        Some(Self { script: name("js")?, wasm: name("wasm")? })
    }
}

//! The API's description and its reader.

use crate::support::Server;
use http::{StatusCode, header};
use serde_json::Value;
use std::collections::BTreeSet;

const COMMITTED: &str = include_str!("../../../docs/openapi.json");
const GUIDE: &str = include_str!("../../../docs/api.md");

#[tokio::test]
async fn the_server_describes_itself_as_the_committed_document_does() {
    let server = Server::start().await;
    let document = server.anonymous().get("/api/openapi.json").await.json(200);
    let committed: Value = serde_json::from_str(COMMITTED).expect("docs/openapi.json is JSON");
    assert!(
        document == committed,
        "the API has changed: write its description again with `cargo run --bin gavel -- openapi > docs/openapi.json`"
    );
}

#[test]
fn the_guide_lists_the_operations_that_the_document_describes() {
    let document: Value = serde_json::from_str(COMMITTED).expect("docs/openapi.json is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            let path = path.trim_start_matches("/api/v1").replace("{campaign_id}", "{id}");
            let methods = item.as_object().expect("a path item").keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
        })
        .collect();
    let listed: BTreeSet<String> = GUIDE
        .lines()
        .filter_map(|line| line.strip_prefix("| [`")?.split('`').next())
        .map(|operation| operation.replace("{campaign_id}", "{id}"))
        .collect();
    assert_eq!(listed, described);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document: Value = serde_json::from_str(COMMITTED).expect("docs/openapi.json is JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|item| item.as_object().expect("a path item").values());
    let names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().expect("a name")).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

#[tokio::test]
async fn the_reader_loads_nothing_from_elsewhere() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    for (path, kind) in [
        ("/api/docs/", "text/html"),
        ("/api/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/api/docs/swagger-initializer.js", "text/javascript"),
        ("/api/docs/swagger-ui.css", "text/css"),
    ] {
        let file = anonymous.get(path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(file.header(header::CONTENT_TYPE).starts_with(kind), "{path}: {}", file.header(header::CONTENT_TYPE));
        let policy = file.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    }
    anonymous.get("/api/docs/nothing.js").await.refused(404, "NOT_FOUND");
}

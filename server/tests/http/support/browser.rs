//! Requests as a browser sends them for a signed-in user: with the session cookie and the origin of our own pages.

use super::{
    client::{Member, Response, send},
    test_server::Server,
};
use http::{Method, header};
use reqwest::RequestBuilder;

/// The media type of HTML forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A browser's request by someone who is signed in.
pub fn browser_request(server: &Server, who: &Member, method: Method, path: &str) -> RequestBuilder {
    server
        .anonymous()
        .request(method, path)
        .header(header::COOKIE, format!("gavel_session={}", who.token))
        .header(header::ORIGIN, server.origin())
        .header(header::ACCEPT, "text/html")
}

/// Opens a page.
pub async fn open_page(server: &Server, who: &Member, path: &str) -> Response {
    send(browser_request(server, who, Method::GET, path)).await
}

/// Posts a form, from a page of this user unless the fields name another.
pub async fn submit_form(server: &Server, who: &Member, path: &str, fields: &str) -> Response {
    let request = browser_request(server, who, Method::POST, path).header(header::CONTENT_TYPE, FORM);
    let own = format!("{fields}&user_id={}", who.user.user_id);
    send(request.body(if fields.contains("user_id=") { fields.to_owned() } else { own })).await
}

/// Opens the page that a response redirects to.
pub async fn follow_redirect(server: &Server, who: &Member, response: &Response) -> Response {
    assert_eq!(response.status, 303, "{}", response.text);
    open_page(server, who, response.header(header::LOCATION)).await
}

/// Posts a form to its own page, and opens the page that shows the input.
pub async fn submit_and_follow(server: &Server, who: &Member, path: &str, fields: &str) -> Response {
    follow_redirect(server, who, &submit_form(server, who, path, fields).await).await
}

/// The value of a hidden field of a form.
pub fn hidden_field<'a>(page: &'a Response, name: &str) -> &'a str {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).expect("the field is there");
    rest.split('"').next().expect("it ends")
}

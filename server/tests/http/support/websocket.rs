//! A client of the live feed.

use super::{client::Response, deadline::within_deadline};
use domain::websocket_events::ServerEvent;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, header::HeaderName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

/// An open websocket.
#[derive(Debug)]
pub struct Websocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The highest ranking version received.
    version: u64,
}

impl Websocket {
    /// Opens a websocket, or returns the response that refuses it.
    pub async fn connect(url: &str, headers: &[(HeaderName, &str)]) -> Result<Self, Response> {
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_str(value).expect("a header"));
        }
        match within_deadline("a response to the handshake", connect_async(request)).await {
            Ok((stream, _)) => Ok(Self { stream, version: 0 }),
            Err(tungstenite::Error::Http(response)) => {
                let (head, body) = response.into_parts();
                let text = String::from_utf8(body.unwrap_or_default()).expect("a text");
                Err(Response { status: head.status, headers: head.headers, text })
            }
            Err(error) => panic!("no websocket: {error}"),
        }
    }

    pub async fn send(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("sends");
    }

    /// Sends a ping frame of the protocol and waits for its pong.
    pub async fn protocol_ping(&mut self) {
        let payload = "still there?".as_bytes();
        self.stream.send(Message::Ping(payload.into())).await.expect("sends");
        let answered = async {
            while self.message().await.expect("a message").expect("no error") != Message::Pong(payload.into()) {}
        };
        within_deadline("a pong", answered).await;
    }

    /// The data of the next event of this name; other messages are skipped.
    pub async fn event(&mut self, name: &str) -> Value {
        self.event_where(name, |_| true).await
    }

    /// The data of the next event of this name that meets a condition.
    pub async fn event_where(&mut self, name: &str, condition: impl Fn(&Value) -> bool) -> Value {
        within_deadline(name, self.find_event(name, condition)).await
    }

    async fn find_event(&mut self, name: &str, condition: impl Fn(&Value) -> bool) -> Value {
        loop {
            let text = self.text().await;
            let Ok(mut message) = serde_json::from_str::<Value>(&text) else { continue };
            if message["event"] == "ranking_update" {
                let version = message["data"]["version"].as_u64().expect("a version");
                assert!(version >= self.version, "the version decreases: {message}");
                self.version = version;
            }
            if message["event"] == name && condition(&message["data"]) {
                return message["data"].take();
            }
        }
    }

    /// The next event of any name.
    pub async fn server_event(&mut self) -> ServerEvent {
        loop {
            if let Ok(event) = serde_json::from_str(&self.text().await) {
                return event;
            }
        }
    }

    /// The next ranking with this many participants.
    pub async fn ranking_with(&mut self, participants: u64) -> Value {
        self.event_where("ranking_update", |data| data["total_participants"] == participants).await
    }

    /// The next text that is not an event.
    pub async fn plain_text(&mut self) -> String {
        let found = async {
            loop {
                let text = self.text().await;
                if !text.starts_with('{') {
                    return text;
                }
            }
        };
        within_deadline("a plain text", found).await
    }

    /// Reads until the server closes the connection; the close code, if it sends one.
    pub async fn close_code(mut self) -> Option<CloseCode> {
        let closed = async {
            loop {
                match self.message().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        within_deadline("the end of the websocket", closed).await
    }

    async fn text(&mut self) -> String {
        loop {
            match self.message().await {
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a text, got {other:?}"),
            }
        }
    }

    async fn message(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        self.stream.next().await
    }
}

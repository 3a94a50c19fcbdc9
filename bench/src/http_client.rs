//! HTTP/1.1 over one kept-alive connection, with as little work per request as possible: requests are prepared as
//! bytes, and of an answer only status and length are parsed.

use std::{io, net::SocketAddr, ops::Range};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// First size of the buffer for an answer; it grows for the few larger ones.
const BUFFER_BYTES: usize = 4096;
/// How an answer in chunks ends.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";
/// More headers than the server ever sends.
const HEADERS_MAX: usize = 48;

/// A connection for one request at a time.
pub struct HttpConnection {
    stream: TcpStream,
    buffer: Vec<u8>,
    body: Range<usize>,
}

impl HttpConnection {
    /// Connects.
    pub async fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES], body: 0..0 })
    }

    /// Sends a request and returns the status once the answer is complete. After an error, or when the future is
    /// dropped before it is done, the connection must not be used again.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            let Some(head) = parse_head(&self.buffer[..filled])? else { continue };
            let body = match head.length {
                Some(length) => head.body_at..head.body_at + length,
                // The chunks are not decoded, so this is for pages, of which only the status counts.
                None if self.buffer[..filled].ends_with(LAST_CHUNK) => head.body_at..filled,
                None => continue,
            };
            if self.buffer.len() < body.end {
                self.buffer.resize(body.end, 0);
            }
            if filled < body.end {
                self.stream.read_exact(&mut self.buffer[filled..body.end]).await?;
            }
            self.body = body;
            return Ok(head.status);
        }
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }
}

#[derive(PartialEq, Eq, Debug)]
struct Head {
    status: u16,
    /// Where the body begins.
    body_at: usize,
    /// The body's length; `None` if it comes in chunks.
    length: Option<usize>,
}

/// The head of an answer; `None` while it is incomplete.
fn parse_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body_at) = head.parse(bytes).map_err(io::Error::other)? else { return Ok(None) };
    let header = |name: &str| {
        let header = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let length = header("content-length").and_then(|length| length.parse().ok());
    if length.is_none() && header("transfer-encoding") != Some("chunked") {
        return Err(io::Error::other("an answer without a content length"));
    }
    Ok(Some(Head { status: head.code.unwrap_or(0), body_at, length }))
}

/// The bytes of a request. The body is JSON; body and token may be empty.
pub fn encode_request(server: SocketAddr, method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let authorization = match token {
        "" => String::new(),
        token => format!("Authorization: Bearer {token}\r\n"),
    };
    let content = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {server}\r\n{authorization}{content}\r\n{body}");
    request.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_starts_after_the_head_and_has_the_content_length() {
        let answer = b"HTTP/1.1 201 Created\r\nx: y\r\nContent-Length: 2\r\n\r\n{}";
        let head = Head { status: 201, body_at: answer.len() - 2, length: Some(2) };
        assert_eq!(parse_head(answer).expect("parses"), Some(head));
        assert_eq!(parse_head(&answer[..30]).expect("parses"), None);
        let page = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(parse_head(page).expect("parses"), Some(Head { status: 200, body_at: page.len(), length: None }));
        assert!(parse_head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn a_request_states_the_length_of_its_body() {
        let server = "127.0.0.1:80".parse().expect("an address");
        let post = encode_request(server, "POST", "/x", "t", "{}");
        let expected = "POST /x HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Bearer t\r\n\
                        Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(String::from_utf8(post).expect("text"), expected);
    }
}

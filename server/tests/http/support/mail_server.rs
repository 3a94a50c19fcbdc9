//! A mail server that keeps what it receives.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use testkit::eventually;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A running mail server.
pub struct MailServer {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Mail>>>,
}

/// An e-mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The address it was delivered to.
    pub to: String,
    /// The head and the text, decoded.
    pub text: String,
}

impl Mail {
    /// The path and query of the link in it, which leads to this site.
    pub fn link(&self, site: &str) -> String {
        let (_, link) = self.text.split_once(site).unwrap_or_else(|| panic!("a link to {site}: {}", self.text));
        link.split_whitespace().next().expect("it goes on").to_owned()
    }
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (address, received) = (listener.local_addr().expect("an address"), Arc::<Mutex<Vec<Mail>>>::default());
        let mails = received.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, mails.clone()));
            }
        });
        Self { address, received }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What has arrived so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.received.lock().expect("not poisoned").clone()
    }

    /// The newest of this many e-mails, once they have arrived.
    pub async fn last_of(&self, count: usize) -> Mail {
        let mails = eventually("the e-mails arrive", async || Some(self.mails()).filter(|mails| mails.len() >= count));
        let mails = mails.await;
        assert_eq!(mails.len(), count, "{mails:?}");
        mails.into_iter().next_back().expect("there is one")
    }
}

/// A conversation, as far as RFC 5321 asks for.
async fn talk(stream: TcpStream, mails: Arc<Mutex<Vec<Mail>>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await.ok()?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await.ok()? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    text += &line;
                    text += "\n";
                }
                // Quoted-printable, if it was used.
                let text = text.replace("=\n", "").replace("=3D", "=");
                mails.lock().expect("not poisoned").push(Mail { to: to.clone(), text });
                "250 ok"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}

//! E-mails, sent over SMTP in the background: the time of an answer does not tell whether one is sent.

use crate::{
    engine_config::MailConfig,
    error::{Error, Result},
    metrics,
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::ExposeSecret;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::sleep};

/// E-mails that may wait; more are dropped, and can be asked for again.
const WAITING_MAX: usize = 1000;
/// E-mails that are sent at a time.
const AT_A_TIME: usize = 4;
/// How long the mail server may take for a step.
const SMTP_TIMEOUT: Duration = Duration::from_secs(10);
/// The pauses after failed attempts; after the last one an e-mail is given up.
const RETRY_AFTER: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(2)];

/// An e-mail in plain text.
pub struct Email {
    /// The address of the account that gets it.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Sends e-mails, or writes them to the log in development, where there may be no mail server. Clones share the queue.
#[derive(Clone)]
pub struct Mailer(Arc<MailerInner>);

struct MailerInner {
    public_url: String,
    delivery: Delivery,
    waiting: Arc<Semaphore>,
    turns: Semaphore,
}

enum Delivery {
    Smtp(Box<SmtpDelivery>),
    Log,
    None,
}

struct SmtpDelivery {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Connects when there is something to send.
    pub(crate) fn new(config: &MailConfig) -> Result<Self> {
        let malformed = |what: &str| Error::Internal(format!("{what} is malformed"));
        let delivery = match &config.smtp_url {
            Some(url) => {
                let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret());
                let server = server.map_err(|_| malformed("SMTP_URL"))?.timeout(Some(SMTP_TIMEOUT)).build();
                let from = config.from.parse().map_err(|_| malformed("MAIL_FROM"))?;
                Delivery::Smtp(Box::new(SmtpDelivery { server, from }))
            }
            None if config.is_logged => Delivery::Log,
            None => Delivery::None,
        };
        let public_url = config.public_url.trim_end_matches('/').to_owned();
        let (waiting, turns) = (Arc::new(Semaphore::new(WAITING_MAX)), Semaphore::new(AT_A_TIME));
        Ok(Self(Arc::new(MailerInner { public_url, delivery, waiting, turns })))
    }

    /// Whether there is a mail server.
    pub fn has_server(&self) -> bool {
        matches!(self.0.delivery, Delivery::Smtp(_))
    }

    /// Whether whoever asks for an e-mail can read it: in development perhaps in the log only.
    pub fn is_available(&self) -> bool {
        !matches!(self.0.delivery, Delivery::None)
    }

    /// The address of a page for those who read it in an e-mail. It comes from the configuration alone: a request's
    /// `Host` could lead them elsewhere.
    pub fn link(&self, page: &str) -> String {
        format!("{}{page}", self.0.public_url)
    }

    /// Sends an e-mail, in the background.
    pub fn send(&self, email: Email) {
        let Ok(place) = self.0.waiting.clone().try_acquire_owned() else {
            count("dropped");
            return;
        };
        let mailer = self.clone();
        tokio::spawn(async move {
            mailer.deliver(email).await;
            drop(place);
        });
    }

    async fn deliver(&self, email: Email) {
        let SmtpDelivery { server, from } = match &self.0.delivery {
            Delivery::Smtp(smtp) => &**smtp,
            Delivery::Log => {
                tracing::info!(
                    "no mail server is set (SMTP_URL); the e-mail would be:\n{}\n{}",
                    email.subject,
                    email.text
                );
                return;
            }
            Delivery::None => return,
        };
        // The address of an old account need not be one.
        let Ok(to) = email.to.parse() else { return count("failed") };
        let message = Message::builder().from(from.clone()).to(Mailbox::new(None, to)).subject(email.subject);
        let Ok(message) = message.header(ContentType::TEXT_PLAIN).body(email.text) else { return count("failed") };
        let mut pauses = RETRY_AFTER.into_iter();
        loop {
            let sent = {
                let _turn = self.0.turns.acquire().await;
                server.send(message.clone()).await
            };
            let Err(error) = sent else { return count("sent") };
            let pause = if error.is_permanent() { None } else { pauses.next() };
            // Not the error itself, which may quote the address.
            let status = error.status().map(|status| status.to_string()).unwrap_or_default();
            let Some(pause) = pause else {
                tracing::error!(status, "an e-mail could not be sent");
                return count("failed");
            };
            tracing::warn!(status, "an e-mail could not be sent yet");
            sleep(pause).await;
        }
    }
}

fn count(result: &str) {
    metrics::EMAILS.with_label_values(&[result]).inc();
}

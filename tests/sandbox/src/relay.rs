//! Relays in front of the sandbox whose connections do not stay as they were left: one closes those
//! that are idle, as load balancers do, the other sends an answer that nobody has asked for.

use crate::tls;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// How long after an answer a connection changes.
const IDLE: Duration = Duration::from_millis(40);

/// Where the relays listen.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RelayEndpoints {
    /// A connection is closed when it was idle for 40 ms.
    pub closes_idle: String,
    /// The same by TLS.
    pub closes_idle_tls: String,
    /// 40 ms after each answer comes another one: a match, with the request id `stray`.
    pub stray_answer: String,
    /// The same by TLS.
    pub stray_answer_tls: String,
    /// With each answer, in the same piece, comes another one of that kind.
    pub stray_at_once: String,
    /// The same by TLS.
    pub stray_at_once_tls: String,
    /// Every request of a connection gets the answer to the first one.
    pub same_answer: String,
    /// The same by TLS.
    pub same_answer_tls: String,
}

/// The relays; they stop when this is dropped.
#[derive(Debug)]
pub(crate) struct Relays {
    pub(crate) endpoints: RelayEndpoints,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug)]
enum Does {
    CloseIdle,
    Stray,
    StrayAtOnce,
    Repeat,
}

impl Relays {
    /// Starts them in front of the sandbox at `address`.
    pub(crate) async fn start(address: SocketAddr) -> std::io::Result<Self> {
        let mut tasks = Vec::new();
        let mut urls = Vec::new();
        for does in [
            Does::CloseIdle,
            Does::Stray,
            Does::StrayAtOnce,
            Does::Repeat,
        ] {
            let plain = move |stream| relay(stream, address, does);
            urls.push(format!("http://{}", tls::listen(&mut tasks, plain).await?));
            let acceptor = tls::good()?;
            let encrypted = move |stream: TcpStream| {
                let acceptor = acceptor.clone();
                async move { relay(acceptor.accept(stream).await?, address, does).await }
            };
            urls.push(format!(
                "https://{}",
                tls::listen(&mut tasks, encrypted).await?
            ));
        }
        let mut urls = urls.into_iter();
        let mut url = || urls.next().unwrap_or_default();
        Ok(Self {
            endpoints: RelayEndpoints {
                closes_idle: url(),
                closes_idle_tls: url(),
                stray_answer: url(),
                stray_answer_tls: url(),
                stray_at_once: url(),
                stray_at_once_tls: url(),
                same_answer: url(),
                same_answer_tls: url(),
            },
            tasks,
        })
    }
}

impl Drop for Relays {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn relay(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    address: SocketAddr,
    does: Does,
) -> std::io::Result<()> {
    let mut sandbox = TcpStream::connect(address).await?;
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    let mut is_idle = false;
    let mut first = None;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read? {
                0 => return Ok(()),
                read => {
                    is_idle = false;
                    sandbox.write_all(&asked[..read]).await?;
                }
            },
            read = sandbox.read(&mut answered) => match read? {
                0 => return client.shutdown().await,
                read => {
                    is_idle = true;
                    let answer = match does {
                        Does::StrayAtOnce => [&answered[..read], stray().as_bytes()].concat(),
                        // An answer of the sandbox comes in one piece.
                        Does::Repeat => first.get_or_insert_with(|| answered[..read].to_vec()).clone(),
                        Does::CloseIdle | Does::Stray => answered[..read].to_vec(),
                    };
                    client.write_all(&answer).await?;
                    client.flush().await?;
                }
            },
            () = tokio::time::sleep(IDLE), if is_idle => match does {
                Does::CloseIdle => return client.shutdown().await,
                Does::StrayAtOnce | Does::Repeat => is_idle = false,
                Does::Stray => {
                    is_idle = false;
                    client.write_all(stray().as_bytes()).await?;
                    client.flush().await?;
                }
            },
        }
    }
}

fn stray() -> String {
    let body = r#"{"Response":{"Result":"0","Description":"","RequestId":"stray"}}"#;
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

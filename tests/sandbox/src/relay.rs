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
}

/// The relays; they stop when this is dropped.
#[derive(Debug)]
pub(crate) struct Relays {
    pub(crate) endpoints: RelayEndpoints,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug)]
enum Idle {
    Close,
    Stray,
}

impl Relays {
    /// Starts them in front of the sandbox at `address`.
    pub(crate) async fn start(address: SocketAddr) -> std::io::Result<Self> {
        let mut tasks = Vec::new();
        let mut urls = Vec::new();
        for idle in [Idle::Close, Idle::Stray] {
            let plain = move |stream| relay(stream, address, idle);
            urls.push(format!("http://{}", tls::listen(&mut tasks, plain).await?));
            let acceptor = tls::good()?;
            let encrypted = move |stream: TcpStream| {
                let acceptor = acceptor.clone();
                async move { relay(acceptor.accept(stream).await?, address, idle).await }
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
    idle: Idle,
) -> std::io::Result<()> {
    let mut sandbox = TcpStream::connect(address).await?;
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    let mut is_idle = false;
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
                    client.write_all(&answered[..read]).await?;
                    client.flush().await?;
                }
            },
            () = tokio::time::sleep(IDLE), if is_idle => match idle {
                Idle::Close => return client.shutdown().await,
                Idle::Stray => {
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

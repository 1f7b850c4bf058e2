//! Listeners that break a connection before a request has been read, each on a port of its own.

use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How much of a request is read before it is broken off.
const MIDWAY: usize = 20;

/// Where the connections break.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Endpoints {
    /// The request has arrived, and the connection is reset before any of it is read.
    pub reset_unread: String,
    /// The connection is reset when a part of the request has been read.
    pub reset_midway: String,
}

/// The listeners; they stop when this is dropped.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) endpoints: Endpoints,
    tasks: Vec<JoinHandle<()>>,
}

impl Broken {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let (unread, first) = listen(0).await?;
        let (midway, second) = listen(MIDWAY).await?;
        let url = |address: SocketAddr| format!("http://{address}");
        Ok(Self {
            endpoints: Endpoints {
                reset_unread: url(unread),
                reset_midway: url(midway),
            },
            tasks: vec![first, second],
        })
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(read: usize) -> std::io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(reset(connection, read));
        }
    });
    Ok((address, task))
}

/// Waits until the request is there, reads as much of it as shall be read, and resets.
async fn reset(mut connection: TcpStream, read: usize) {
    let _ = connection.peek(&mut [0]).await;
    let mut part = vec![0; read];
    let _ = connection.read_exact(&mut part).await;
    let _ = socket2::SockRef::from(&connection).set_linger(Some(Duration::ZERO));
}

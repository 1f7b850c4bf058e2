//! The sandbox behind TLS: with a good certificate, with bad ones, in a version that is too old,
//! and behind a proxy. Each has a port of its own; what arrives is handed on to the sandbox's.

use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A name that only the proxy knows.
pub(crate) const BEHIND_PROXY: &str = "faceid.sandbox.invalid";
/// `user:password` as a proxy's client sends it.
const PROXY_AUTHORIZATION: &str = "proxy-authorization: basic dxnlcjpwyxnzd29yza==";
/// Longest request for a connection that the proxy reads.
const MAX_HEAD: usize = 4096;
/// What a server answers that speaks TLS 1.1 and nothing newer: ServerHello of that version with
/// the suite `TLS_RSA_WITH_AES_128_CBC_SHA`; its random bytes are zeros.
const OLD_HELLO: [u8; 47] = {
    let mut hello = [0; 47];
    let head = [22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    let mut at = 0;
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    // 32 random bytes, no session, the suite, no compression.
    hello[45] = 0x2f;
    hello
};

/// Where the sandbox is reached by TLS.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TlsEndpoints {
    /// Certificate of the authority that signed the others, as PEM.
    pub authority: String,
    /// With a good certificate.
    pub https: String,
    /// With a certificate for another host.
    pub https_wrong_host: String,
    /// With a certificate that has expired.
    pub https_expired: String,
    /// With a certificate that nobody has signed.
    pub https_self_signed: String,
    /// With nothing newer than TLS 1.1.
    pub https_old: String,
    /// A proxy, with the user and the password that it wants.
    pub proxy: String,
    /// The same proxy with a wrong password.
    pub proxy_wrong_password: String,
    /// The sandbox with a good certificate, by a name that only the proxy knows.
    pub https_behind_proxy: String,
}

/// The listeners; they stop when this is dropped.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) endpoints: TlsEndpoints,
    tasks: Vec<JoinHandle<()>>,
}

macro_rules! identity {
    ($name:literal) => {
        (
            include_bytes!(concat!("../tls/", $name, ".pem")).as_slice(),
            include_bytes!(concat!("../tls/", $name, ".key")).as_slice(),
        )
    };
}

impl Tls {
    /// Starts them in front of the sandbox at `address`.
    pub(crate) async fn start(address: SocketAddr) -> std::io::Result<Self> {
        let mut tasks = Vec::new();
        let mut at = Vec::new();
        for (certificate, key) in [
            identity!("good"),
            identity!("wrong-host"),
            identity!("expired"),
            identity!("self-signed"),
        ] {
            let acceptor = acceptor(certificate, key).map_err(std::io::Error::other)?;
            let serve = move |stream| terminate(stream, acceptor.clone(), address);
            at.push(listen(&mut tasks, serve).await?);
        }
        let good = at[0];
        let old = listen(&mut tasks, too_old).await?;
        let proxy = listen(&mut tasks, move |stream| tunnel(stream, good)).await?;
        let url = |address: SocketAddr| format!("https://{address}");
        let endpoints = TlsEndpoints {
            authority: include_str!("../tls/ca.pem").to_owned(),
            https: url(good),
            https_wrong_host: url(at[1]),
            https_expired: url(at[2]),
            https_self_signed: url(at[3]),
            https_old: url(old),
            proxy: format!("http://user:password@{proxy}"),
            proxy_wrong_password: format!("http://user:wrong@{proxy}"),
            https_behind_proxy: format!("https://{BEHIND_PROXY}"),
        };
        Ok(Self { endpoints, tasks })
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn acceptor(
    certificate: &[u8],
    key: &[u8],
) -> Result<TlsAcceptor, Box<dyn std::error::Error + Send + Sync>> {
    let certificate = CertificateDer::from_pem_slice(certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key)?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// With the good certificate.
pub(crate) fn good() -> std::io::Result<TlsAcceptor> {
    let (certificate, key) = identity!("good");
    acceptor(certificate, key).map_err(std::io::Error::other)
}

/// Listens on a port of its own and serves each connection so.
pub(crate) async fn listen<F>(
    tasks: &mut Vec<JoinHandle<()>>,
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> std::io::Result<SocketAddr>
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tasks.push(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    }));
    Ok(address)
}

/// Takes TLS off and hands on what is inside.
async fn terminate(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    address: SocketAddr,
) -> std::io::Result<()> {
    let mut inside = acceptor.accept(stream).await?;
    let mut sandbox = TcpStream::connect(address).await?;
    copy_bidirectional(&mut inside, &mut sandbox).await?;
    Ok(())
}

/// Offers a version of TLS that nobody shall take.
async fn too_old(mut stream: TcpStream) -> std::io::Result<()> {
    stream.peek(&mut [0]).await?;
    stream.write_all(&OLD_HELLO).await?;
    // Until the client goes.
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await?;
    Ok(())
}

/// A proxy that knows one name and one user.
async fn tunnel(mut stream: TcpStream, to: SocketAddr) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_HEAD {
            return Ok(());
        }
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let refuse = if !head.starts_with(&format!("connect {BEHIND_PROXY}:443 ")) {
        "403 Forbidden"
    } else if !head.lines().any(|line| line == PROXY_AUTHORIZATION) {
        "407 Proxy Authentication Required"
    } else {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        let mut behind = TcpStream::connect(to).await?;
        copy_bidirectional(&mut stream, &mut behind).await?;
        return Ok(());
    };
    let answer = format!("HTTP/1.1 {refuse}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await
}

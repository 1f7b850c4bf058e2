//! The contract of a transport: our own keeps it, and what breaks it is found out.

use idcard_conformance::check_transport;
use idcard_verification::transport::{
    HttpRequest, HttpResponse, NetworkFailure, ReqwestTransport, Transport, TransportError,
};

#[tokio::test]
async fn reqwest_conforms() {
    assert_eq!(
        check_transport(&ReqwestTransport::loopback().expect("a transport")).await,
        [""; 0]
    );
}

/// A plain client with the habits of most: it follows redirects, keeps no time, reads everything,
/// and never knows whether a request has left.
struct Naive(reqwest::Client);

#[async_trait::async_trait]
impl Transport for Naive {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let failed = |_| TransportError::Failed {
            failure: NetworkFailure::Other,
            sent: false,
        };
        let timeout = std::time::Duration::from_secs(2);
        let mut builder = self.0.post(&request.url).timeout(timeout);
        for header in &request.headers {
            builder = builder.header(&header.name, header.value.to_lowercase());
        }
        let text = String::from_utf8_lossy(&request.body).into_owned();
        let answer = builder.body(text).send().await.map_err(failed)?;
        Ok(HttpResponse {
            status: answer.status().as_u16(),
            headers: Vec::new(),
            body: answer.bytes().await.map_err(failed)?.to_vec(),
        })
    }
}

#[tokio::test]
async fn a_naive_transport_is_found_out() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build();
    let findings = check_transport(&Naive(client.expect("a client"))).await;
    for case in [
        "headers and body: the body is not byte for byte as given",
        "answers: ",
        "redirects: 301 comes back as 200",
        "size of an answer: it gave an answer",
        "silence: it took",
        "a closed connection: it says sent = false",
        "nobody there: it calls that other",
    ] {
        let found = findings.iter().any(|finding| finding.starts_with(case));
        assert!(found, "{case} is not among {findings:#?}");
    }
}

//! The cases of the contract.

use super::server::{Act, Arrived, Server};
use futures_timer::Delay;
use idcard_verification::transport::{
    HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use std::future::Future;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::time::{Duration, Instant};

/// Time for an exchange that is not about time.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Time for one that is.
const SHORT: Duration = Duration::from_millis(400);
/// How much longer than its time a transport may take.
const TOLERANCE: Duration = Duration::from_millis(600);
/// After so long a server closes an idle connection, or sends what nobody asked for.
const IDLE: Duration = Duration::from_millis(60);
/// Largest answer.
const LIMIT: u64 = 4096;
/// Headers that a stack may add of its own.
const OWN_HEADERS: &[&str] = &[
    "host",
    "content-length",
    "connection",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "user-agent",
];

type Outcome = Result<HttpResponse, TransportError>;
type Run =
    for<'a> fn(&'a dyn Transport) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// A case.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: Run,
}

macro_rules! cases {
    ($($name:literal $run:ident;)*) => {
        pub(super) const CASES: &[Case] = &[
            $(Case { name: $name, run: |transport| Box::pin($run(transport)) }),*
        ];
    };
}

cases! {
    "headers and body" verbatim;
    "answers" answers;
    "redirects" redirects;
    "invitations to repeat" invitations;
    "no memory" no_memory;
    "size of an answer" bounded;
    "silence" silence;
    "a slow answer" drip;
    "nobody there" refused;
    "no TLS there" no_tls;
    "a closed connection" closed;
    "a reset connection" reset;
    "a kept connection that ends" kept_connection;
    "a connection that the server closes while it is idle" idle;
    "an answer that nobody asked for" stray;
    "an answer that comes too late" late;
    "an answer cut short" cut_short;
    "no HTTP" garbage;
}

fn request(url: String, timeout: Duration) -> HttpRequest {
    let header = |name: &str, value: &str| HttpHeader {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let headers = vec![
        header("Content-Type", "application/json; charset=utf-8"),
        header(
            "Authorization",
            "TC3-HMAC-SHA256 Credential=a/b, SignedHeaders=c;d, Signature=e",
        ),
        header("X-TC-Action", "IdCardVerification"),
        header("X-TC-Timestamp", "1700000000"),
    ];
    // Every byte there is: nobody may take a body for text.
    let body = (0..=255).collect();
    HttpRequest::new(url, headers, body, timeout, LIMIT)
}

fn answer(status: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}\r\n");
    [head.as_bytes(), body].concat()
}

fn good() -> Vec<u8> {
    answer("200 OK", "", b"{}")
}

async fn send(transport: &dyn Transport, server: &Server, timeout: Duration) -> Outcome {
    transport.send(request(server.url(), timeout)).await
}

fn wrong(what: impl Into<String>) -> Result<(), String> {
    Err(what.into())
}

fn arrived_once(server: &Server) -> Result<Arrived, String> {
    let mut arrived = server.arrived();
    match arrived.len() {
        1 => Ok(arrived.remove(0)),
        count => Err(format!("the request arrived {count} times")),
    }
}

/// That it failed, with the request on its way or not.
fn failed(outcome: Outcome, on_its_way: bool, among: &[NetworkFailure]) -> Result<(), String> {
    match outcome {
        Ok(answer) => Err(format!("it gave an answer, of status {}", answer.status)),
        Err(TransportError::Failed { failure, sent }) => {
            if sent != on_its_way {
                return Err(format!("it says sent = {sent}"));
            }
            if !among.is_empty() && !among.contains(&failure) {
                return Err(format!("it calls that {}", failure.as_str()));
            }
            Ok(())
        }
        Err(_) => wrong("it failed in a way that this test does not know"),
    }
}

async fn verbatim(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::Answer(good())])?;
    let sent = request(server.url(), TIMEOUT);
    if transport.send(sent.clone()).await.is_err() {
        return wrong("it failed");
    }
    let arrived = arrived_once(&server)?;
    if arrived.line != "POST / HTTP/1.1" {
        return wrong(format!("the first line is `{}`", arrived.line));
    }
    if arrived.header("host") != Some(&server.address().to_string()) {
        return wrong("Host is not the address of the request");
    }
    if arrived.body != sent.body {
        return wrong("the body is not byte for byte as given, or comes without its length");
    }
    for header in &sent.headers {
        let name = header.name.to_ascii_lowercase();
        let values = arrived.headers.iter().filter(|(known, _)| *known == name);
        let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
        if values != [header.value.as_str()] {
            return wrong(format!("{} is not as given", header.name));
        }
    }
    let is_known = |name: &str| {
        OWN_HEADERS.contains(&name)
            || sent
                .headers
                .iter()
                .any(|h| h.name.eq_ignore_ascii_case(name))
    };
    match arrived.headers.iter().find(|(name, _)| !is_known(name)) {
        Some((name, _)) => wrong(format!("it adds {name}")),
        None => Ok(()),
    }
}

async fn answers(transport: &dyn Transport) -> Result<(), String> {
    let body: Vec<u8> = (0..=255).rev().collect();
    for status in [200, 400, 401, 403, 404, 429, 500, 502, 503] {
        let more = "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\nX-TC-RequestId: an-id\r\n";
        let text = answer(&format!("{status} Some words"), more, &body);
        let server = Server::start(vec![Act::Answer(text)])?;
        match send(transport, &server, TIMEOUT).await {
            Err(_) => return wrong(format!("status {status} is no answer")),
            Ok(answer) => {
                if answer.status != status {
                    return wrong(format!("status {status} comes back as {}", answer.status));
                }
                if answer.body != body {
                    return wrong(format!("the body of status {status} is not as it was"));
                }
                let date = answer.header("date");
                if date.is_none() || answer.header("x-tc-requestid") != Some("an-id") {
                    return wrong("Date or X-TC-RequestId of the answer is missing");
                }
            }
        }
        arrived_once(&server)?;
    }
    Ok(())
}

async fn redirects(transport: &dyn Transport) -> Result<(), String> {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(vec![Act::Answer(good())])?;
        let location = format!("Location: {}\r\n", elsewhere.url());
        let text = answer(&format!("{status} Moved"), &location, b"");
        let server = Server::start(vec![Act::Answer(text)])?;
        match send(transport, &server, TIMEOUT).await {
            Ok(answer) if answer.status == status => {}
            Ok(answer) => return wrong(format!("{status} comes back as {}", answer.status)),
            Err(_) => return wrong(format!("{status} is no answer")),
        }
        if !elsewhere.arrived().is_empty() {
            return wrong(format!("it follows {status}"));
        }
    }
    Ok(())
}

/// Answers after which many stacks send a request again by themselves, or wait for a password.
async fn invitations(transport: &dyn Transport) -> Result<(), String> {
    for (status, more, is_challenge) in [
        (503, "Retry-After: 0\r\n", false),
        (429, "Retry-After: 0\r\n", false),
        (408, "", false),
        (421, "", false),
        (425, "", false),
        (401, "WWW-Authenticate: Basic realm=\"a\"\r\n", true),
        (407, "Proxy-Authenticate: Basic realm=\"a\"\r\n", true),
    ] {
        let text = answer(&format!("{status} Again"), more, b"");
        let server = Server::start(vec![Act::Answer(text)])?;
        let begun = Instant::now();
        match send(transport, &server, TIMEOUT).await {
            Ok(answer) if answer.status == status => {}
            Ok(answer) => return wrong(format!("{status} comes back as {}", answer.status)),
            // Some stacks have no answer for a challenge that nobody takes.
            Err(TransportError::Failed { sent: true, .. }) if is_challenge => {}
            Err(_) => return wrong(format!("{status} is no answer")),
        }
        if begun.elapsed() > TIMEOUT / 2 {
            return wrong(format!("{status} is waited with"));
        }
        arrived_once(&server)?;
    }
    Ok(())
}

async fn no_memory(transport: &dyn Transport) -> Result<(), String> {
    let more = "Set-Cookie: a=b; Path=/\r\nCache-Control: max-age=600\r\n";
    let server = Server::start(vec![Act::Answer(answer("200 OK", more, b"{}"))])?;
    for _ in 0..2 {
        if send(transport, &server, TIMEOUT).await.is_err() {
            return wrong("it failed");
        }
    }
    match server.arrived().as_slice() {
        [_, second] if second.header("cookie").is_none() => Ok(()),
        [_, _] => wrong("it keeps cookies"),
        _ => wrong("it answers from a cache"),
    }
}

async fn bounded(transport: &dyn Transport) -> Result<(), String> {
    let limit = usize::try_from(LIMIT).unwrap_or(usize::MAX);
    let whole = Server::start(vec![Act::Answer(answer("200 OK", "", &vec![b' '; limit]))])?;
    match send(transport, &whole, TIMEOUT).await {
        Ok(answer) if answer.body.len() == limit => {}
        _ => return wrong("an answer of exactly the limit is not read"),
    }
    let too_large = vec![b' '; limit + 1];
    let announced = answer("200 OK", "", &too_large);
    let until_closed = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &too_large].concat();
    for text in [announced, until_closed] {
        let server = Server::start(vec![Act::AnswerAndClose(text)])?;
        let outcome = send(transport, &server, TIMEOUT).await;
        failed(outcome, true, &[NetworkFailure::AnswerTooLarge])?;
    }
    Ok(())
}

/// That it ends in time, with the time over.
async fn ends_in_time(transport: &dyn Transport, act: Act) -> Result<(), String> {
    let server = Server::start(vec![act])?;
    let begun = Instant::now();
    let outcome = send(transport, &server, SHORT).await;
    let took = begun.elapsed();
    if took > SHORT + TOLERANCE {
        return wrong(format!(
            "it took {} ms of {}",
            took.as_millis(),
            SHORT.as_millis()
        ));
    }
    failed(outcome, true, &[NetworkFailure::Timeout])?;
    arrived_once(&server).map(drop)
}

async fn silence(transport: &dyn Transport) -> Result<(), String> {
    ends_in_time(transport, Act::Silence).await
}

async fn drip(transport: &dyn Transport) -> Result<(), String> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n".to_vec();
    ends_in_time(transport, Act::Drip(head)).await
}

async fn refused(transport: &dyn Transport) -> Result<(), String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    drop(listener);
    let outcome = transport
        .send(request(format!("http://{address}/"), TIMEOUT))
        .await;
    failed(outcome, false, &[NetworkFailure::Connect])
}

async fn no_tls(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::Close])?;
    let url = server.url().replace("http:", "https:");
    let outcome = transport.send(request(url, TIMEOUT)).await;
    if !server.arrived().is_empty() {
        return wrong("it sends a request without TLS");
    }
    failed(outcome, false, &[NetworkFailure::Tls])
}

async fn closed(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::Close])?;
    failed(send(transport, &server, TIMEOUT).await, true, &[])?;
    arrived_once(&server).map(drop)
}

async fn reset(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::Reset])?;
    failed(send(transport, &server, TIMEOUT).await, true, &[])?;
    arrived_once(&server).map(drop)
}

/// Many stacks send a request again by themselves when a connection that they kept ends.
async fn kept_connection(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::Answer(good()), Act::Close, Act::Answer(good())])?;
    if send(transport, &server, TIMEOUT).await.is_err() {
        return wrong("the first request failed");
    }
    let second = send(transport, &server, TIMEOUT).await;
    match server.arrived().len() {
        2 => failed(second, true, &[]),
        count => wrong(format!("of two requests, {count} arrived")),
    }
}

/// Servers and load balancers close connections that are idle. That costs nobody anything.
async fn idle(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::AnswerAndCloseIdle(good(), IDLE)])?;
    for number in 1..=3 {
        match send(transport, &server, TIMEOUT).await {
            Ok(_) => Delay::new(IDLE * 3).await,
            Err(TransportError::Failed { sent, .. }) => {
                return wrong(format!("request {number} fails, and it says sent = {sent}"));
            }
            Err(_) => return wrong(format!("request {number} fails")),
        }
    }
    match server.arrived().len() {
        3 => Ok(()),
        count => wrong(format!("of three requests, {count} arrived")),
    }
}

/// What a server sends without being asked is the answer to nothing, and the connection is not to
/// be used again: its next answers may belong to others, too.
async fn stray(transport: &dyn Transport) -> Result<(), String> {
    let extra = answer("200 OK", "", b"{\"stray\":true}");
    for wait in [Duration::ZERO, Duration::from_millis(20), IDLE] {
        let act = Act::AnswerAndMore(good(), wait, extra.clone());
        let server = Server::start(vec![act])?;
        for _ in 0..3 {
            match send(transport, &server, TIMEOUT).await {
                Ok(answer) if answer.body != b"{}" => {
                    return wrong(format!(
                        "{} ms after an answer there is another one, and the next request gets it",
                        wait.as_millis()
                    ));
                }
                Ok(_) => Delay::new(wait + IDLE).await,
                Err(_) => return wrong("the next request fails"),
            }
        }
    }
    Ok(())
}

/// A connection on which an exchange was given up still brings its answer, which is the answer to no
/// later request.
async fn late(transport: &dyn Transport) -> Result<(), String> {
    let late = Act::AnswerLate(answer("200 OK", "", b"{\"late\":true}"), SHORT * 2);
    let server = Server::start(vec![late, Act::Answer(good())])?;
    failed(send(transport, &server, SHORT).await, true, &[])?;
    for wait in [Duration::ZERO, SHORT * 2] {
        Delay::new(wait).await;
        match send(transport, &server, TIMEOUT).await {
            Ok(answer) if answer.body == b"{}" => {}
            Ok(_) => return wrong("the next request gets the answer of one that was given up"),
            Err(_) => return wrong("the next request fails"),
        }
    }
    Ok(())
}

async fn cut_short(transport: &dyn Transport) -> Result<(), String> {
    let text = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Response\":".to_vec();
    let server = Server::start(vec![Act::AnswerAndClose(text)])?;
    failed(send(transport, &server, TIMEOUT).await, true, &[])?;
    arrived_once(&server).map(drop)
}

async fn garbage(transport: &dyn Transport) -> Result<(), String> {
    let server = Server::start(vec![Act::AnswerAndClose(
        b"SSH-2.0-OpenSSH\r\n\r\n".to_vec(),
    )])?;
    failed(send(transport, &server, TIMEOUT).await, true, &[])?;
    arrived_once(&server).map(drop)
}

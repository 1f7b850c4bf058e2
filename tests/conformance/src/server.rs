//! A server of plain sockets that does what a case says and remembers what arrived.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Longest that a connection is waited on.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes drip; a transport that keeps no time shall not hold up the others for long.
const DRIPS: usize = 60;
/// First byte of a client that speaks TLS.
const TLS_HANDSHAKE: u8 = 0x16;

/// What happens when a request has arrived.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Sends these bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes, then a byte of the body every 50 ms, for 3 s.
    Drip(Vec<u8>),
    /// Sends these bytes and closes the connection.
    AnswerAndClose(Vec<u8>),
    /// Sends these bytes, and others that nobody asked for when some time has passed.
    AnswerAndMore(Vec<u8>, Duration, Vec<u8>),
    /// Sends these bytes when some time has passed, and keeps the connection.
    AnswerLate(Vec<u8>, Duration),
    /// Sends these bytes, and closes the connection when nothing has come for some time.
    AnswerAndCloseIdle(Vec<u8>, Duration),
    /// Sends nothing for as long as the client waits.
    Silence,
    /// Closes the connection.
    Close,
    /// Resets the connection.
    Reset,
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrived {
    /// First line.
    pub(super) line: String,
    /// Names in lowercase, and values.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Arrived {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// Starts one that does these things in turn, and the last one from then on.
    pub(super) fn start(acts: Vec<Act>) -> Result<Self, String> {
        let refuse = |error: std::io::Error| format!("the case cannot listen: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (log, stop) = (Arc::clone(&arrived), Arc::clone(&stopped));
        let accept = move || {
            while let Ok((stream, _)) = listener.accept() {
                if stop.load(Ordering::Acquire) {
                    break;
                }
                let (log, acts) = (Arc::clone(&log), acts.clone());
                thread::spawn(move || serve(stream, &acts, &log));
            }
        };
        thread::Builder::new()
            .name("conformance".to_owned())
            .spawn(accept)
            .map_err(refuse)?;
        Ok(Self {
            address,
            arrived,
            stopped,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request that has arrived so far.
    pub(super) fn arrived(&self) -> Vec<Arrived> {
        lock(&self.arrived).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // Wakes the listener up, so that it sees that it shall stop.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

fn serve(mut stream: TcpStream, acts: &[Act], log: &Mutex<Vec<Arrived>>) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_nodelay(true);
    while let Some(arrived) = read(&mut stream) {
        let place = {
            let mut log = lock(log);
            log.push(arrived);
            log.len() - 1
        };
        let Some(act) = acts.get(place).or(acts.last()) else {
            return;
        };
        if !matches!(play(&mut stream, act), Ok(true)) {
            return;
        }
    }
}

/// Plays one act; says whether the connection goes on.
fn play(stream: &mut TcpStream, act: &Act) -> std::io::Result<bool> {
    match act {
        Act::Answer(bytes) => stream.write_all(bytes)?,
        Act::AnswerLate(bytes, wait) => {
            thread::sleep(*wait);
            stream.write_all(bytes)?;
        }
        Act::AnswerAndClose(bytes) => {
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(Shutdown::Both);
            return Ok(false);
        }
        Act::AnswerAndMore(bytes, wait, more) if wait.is_zero() => {
            stream.write_all(&[bytes.as_slice(), more].concat())?;
        }
        Act::AnswerAndMore(bytes, wait, more) => {
            stream.write_all(bytes)?;
            thread::sleep(*wait);
            let _ = stream.write_all(more);
        }
        Act::AnswerAndCloseIdle(bytes, wait) => {
            stream.write_all(bytes)?;
            let _ = stream.set_read_timeout(Some(*wait));
            if stream.peek(&mut [0]).is_err() {
                let _ = stream.shutdown(Shutdown::Both);
                return Ok(false);
            }
            let _ = stream.set_read_timeout(Some(PATIENCE));
        }
        Act::Drip(bytes) => {
            let _ = stream.write_all(bytes);
            for _ in 0..DRIPS {
                stream.write_all(b" ")?;
                thread::sleep(Duration::from_millis(50));
            }
            return Ok(false);
        }
        Act::Silence => {
            let _ = stream.read(&mut [0]);
            return Ok(false);
        }
        Act::Close => {
            let _ = stream.shutdown(Shutdown::Both);
            return Ok(false);
        }
        Act::Reset => {
            let _ = socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
            return Ok(false);
        }
    }
    Ok(true)
}

/// The next request on a connection; nothing at its end.
fn read(stream: &mut TcpStream) -> Option<Arrived> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        if head.is_empty() && byte[0] == TLS_HANDSHAKE {
            // As a server of plain HTTP does.
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            return None;
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head);
    let mut lines = text.lines();
    let mut arrived = Arrived {
        line: lines.next().unwrap_or_default().to_owned(),
        ..Arrived::default()
    };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.strip_prefix(' ').unwrap_or(value);
        arrived
            .headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = arrived
        .header("content-length")
        .and_then(|l| l.parse().ok());
    arrived.body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut arrived.body).ok()?;
    Some(arrived)
}

fn lock(log: &Mutex<Vec<Arrived>>) -> MutexGuard<'_, Vec<Arrived>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

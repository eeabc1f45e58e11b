//! The status page: how the relay is doing, for the person in the office, for monitoring, and for `linli-relay status`.
//!
//! `/` is the page, `/status.json` the same as data, `/metrics` for Prometheus, `/healthz` for whoever restarts things.
//! It says how much and when, in ids: no name, address or body passes here. It only reads, and takes no orders.

mod access;
mod metrics;
mod report;

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use linli_core::{
    net::{Host as _, Room, Seat, Seats, Standing},
    time::{Mono, WallMs},
};
use tokio::{
    net::TcpListener,
    sync::Mutex,
    task::{JoinHandle, spawn_blocking},
    time::{Instant, sleep, timeout},
};

use crate::{Communities, config::Config, limits};
use access::{Access, Pass};
pub use report::{Community, Device, Report, Shut};

/// The page, in one file.
const PAGE: &str = include_str!("page.html");
/// Where the page wants the word that its own script is known by.
const NONCE: &str = "NONCE";

type Answer = Response<Full<Bytes>>;

/// The status page of a running relay.
#[derive(Debug)]
pub struct Page {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// What every request needs.
struct PageState {
    communities: Arc<Communities>,
    access: Access,
    started: (WallMs, Mono),
    last: Mutex<Option<(Instant, Arc<Report>)>>,
}

impl Page {
    /// Whether the page may be shown where the settings want it.
    ///
    /// # Errors
    /// Why not: seen from elsewhere, it wants a word, and one that cannot be guessed.
    pub fn may_be_shown(config: &Config) -> anyhow::Result<()> {
        Access::new(config.status.value, config.status_token.value.0.as_deref()).map(drop)
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// What [`may_be_shown`](Self::may_be_shown) says, or that the address cannot be listened on.
    pub async fn start(communities: Arc<Communities>, config: &Config) -> anyhow::Result<Self> {
        let at = config.status.value;
        let access = Access::new(at, config.status_token.value.0.as_deref())?;
        let listener = TcpListener::bind(at).await;
        let listener =
            listener.with_context(|| format!("the status page cannot listen on {at}; choose another with --status"))?;
        let address = listener.local_addr()?;
        let started = (communities.wall(), communities.now());
        let state = Arc::new(PageState { communities, access, started, last: Mutex::default() });
        Ok(Self { address, task: tokio::spawn(accept(listener, state)) })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers no more.
    pub async fn stop(self) {
        self.task.abort();
        let _aborted = self.task.await;
    }
}

async fn accept(listener: TcpListener, state: Arc<PageState>) {
    let room = Room::new(Seats { all: limits::REQUESTS, per_address: limits::REQUESTS });
    // They end with this one.
    let mut requests = tokio::task::JoinSet::new();
    loop {
        while requests.try_join_next().is_some() {}
        let Ok((stream, from)) = listener.accept().await else {
            // Too many files are open; that passes.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        // Who sits at this machine finds room whoever asks from elsewhere.
        let standing = if from.ip().to_canonical().is_loopback() { Standing::Key } else { Standing::New };
        let Some(seat) = room.take(from, standing) else { continue };
        let (state, seat) = (state.clone(), Arc::new(seat));
        requests.spawn(async move {
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(limits::REQUEST_HEAD).keep_alive(false);
            let whole = seat.clone();
            let answer = service_fn(move |request| answered(state.clone(), request, whole.clone()));
            tokio::select! {
                () = seat.lost() => {}
                // Whoever asked may have gone away.
                _gone = timeout(limits::REQUEST, server.serve_connection(TokioIo::new(stream), answer)) => {}
            }
        });
    }
}

async fn answered(state: Arc<PageState>, request: Request<Incoming>, seat: Arc<Seat>) -> Result<Answer, Infallible> {
    Ok(state.answer(&request, &seat).await)
}

impl PageState {
    async fn answer<B>(&self, request: &Request<B>, seat: &Seat) -> Answer {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "this page only shows\n");
        }
        let path = request.uri().path();
        // It says one word, for whoever restarts a relay that does not answer.
        let open = path == "/healthz";
        match self.access.judge(request.headers(), request.uri().query()) {
            Pass::Welcome => {}
            Pass::Foreign => return text(StatusCode::MISDIRECTED_REQUEST, "this page has another name\n"),
            Pass::Cookie(cookie) => return go_home(&cookie),
            Pass::NoWord if open => {}
            Pass::NoWord => return html(StatusCode::UNAUTHORIZED, access::ASK.to_owned(), None),
            Pass::WrongWord => {
                sleep(limits::WRONG_WORD).await;
                return html(StatusCode::UNAUTHORIZED, access::ASK.to_owned(), None);
            }
        }
        // Whoever tries words may be asked to go, as if the request were not whole.
        seat.keep();
        match path {
            "/" => {
                let nonce = hex::encode(rand::random::<[u8; 16]>());
                html(StatusCode::OK, PAGE.replace(NONCE, &nonce), Some(&nonce))
            }
            "/status.json" => match serde_json::to_string(&*self.report().await) {
                Ok(json) => answer(StatusCode::OK, "application/json", json),
                Err(_unlikely) => text(StatusCode::INTERNAL_SERVER_ERROR, "no report\n"),
            },
            "/healthz" if self.communities.is_well() => text(StatusCode::OK, "ok\n"),
            "/healthz" => {
                text(StatusCode::SERVICE_UNAVAILABLE, "a store does not answer, or nobody looks after them\n")
            }
            "/metrics" => match metrics::text(&*self.report().await) {
                Ok(figures) => answer(StatusCode::OK, metrics::TYPE, figures),
                Err(_unlikely) => text(StatusCode::INTERNAL_SERVER_ERROR, "no figures\n"),
            },
            _ => text(StatusCode::NOT_FOUND, "there is /, /status.json, /metrics and /healthz\n"),
        }
    }

    /// A report that is at most a second old, however many ask.
    async fn report(&self) -> Arc<Report> {
        let mut last = self.last.lock().await;
        if let Some((at, report)) = &*last
            && at.elapsed() < limits::FRESH
        {
            return report.clone();
        }
        let (communities, (started, since)) = (self.communities.clone(), self.started);
        // It ends early only when the process does.
        let made = spawn_blocking(move || Report::of(&communities, started, communities.now().since(since))).await;
        let report = Arc::new(made.unwrap_or_default());
        *last = Some((Instant::now(), report.clone()));
        report
    }
}

fn text(status: StatusCode, body: &str) -> Answer {
    answer(status, "text/plain; charset=utf-8", body.to_owned())
}

fn html(status: StatusCode, body: String, nonce: Option<&str>) -> Answer {
    let mut answer = answer(status, "text/html; charset=utf-8", body);
    // A browser that knows no nonces goes by 'unsafe-inline', which the others then do not.
    let own = nonce.map_or("'none'".to_owned(), |nonce| format!("'nonce-{nonce}' 'unsafe-inline'"));
    let policy = format!(
        "default-src 'none'; script-src {own}; style-src {own}; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// Takes the word out of the address bar, and gives the browser a cookie for it.
fn go_home(cookie: &str) -> Answer {
    let mut answer = text(StatusCode::SEE_OTHER, "");
    answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let always: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in always {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::PAGE;

    #[test]
    fn nothing_that_the_page_shows_is_taken_for_markup() {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!PAGE.contains(word), "{word}");
        }
        assert!(PAGE.contains("createTextNode"), "texts go to the page as texts");
    }
}

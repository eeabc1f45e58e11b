//! The report as Prometheus reads it.

use std::fmt;

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{Community, Report};

/// What it is called on the wire.
pub(super) const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = [(&'static str, String); 1];
type Read = fn(&Community) -> u64;

/// What stands as it is.
const GAUGES: [(&str, &str, Read); 8] = [
    ("healthy", "Whether the store answers and took what came last", |community| community.well.into()),
    ("phones_connected", "Devices connected", |community| community.connected),
    ("devices", "Devices that may connect", |community| count(community.devices.len())),
    ("backlog_to_send_events", "Events that connected devices still lack", |community| community.to_send),
    ("backlog_to_receive_events", "Events that connected devices still owe", |community| community.to_receive),
    ("body_bytes", "Bytes of bodies kept", |community| community.bytes),
    ("quota_bytes", "Bytes of bodies that may be kept", |community| community.quota),
    ("file_bytes", "Bytes of the files", |community| community.file_bytes),
];

/// What only grows, from the start of the program.
const COUNTERS: [(&str, &str, Read); 3] = [
    ("events_stored", "Events stored", |community| community.stored),
    ("runs_refused", "Runs of events refused", |community| community.refused),
    ("commits", "Durable transactions", |community| community.commits),
];

/// The figures as text.
pub(super) fn text(report: &Report) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("linli_relay");
    let single: [(&str, &str, i64); 3] = [
        ("communities", "Communities that are kept", signed(count(report.communities.len()))),
        ("communities_shut", "Communities that cannot be opened", signed(count(report.shut.len()))),
        ("start_time_seconds", "When the program was started", report.started.0 / 1000),
    ];
    for (name, help, value) in single {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    }
    for (name, help, read) in GAUGES {
        let family = Family::<Labels, Gauge>::default();
        for community in &report.communities {
            family.get_or_create(&labels(community)).set(signed(read(community)));
        }
        registry.register(name, help, family);
    }
    for (name, help, read) in COUNTERS {
        let family = Family::<Labels, Counter>::default();
        for community in &report.communities {
            family.get_or_create(&labels(community)).inc_by(read(community));
        }
        registry.register(name, help, family);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn labels(community: &Community) -> Labels {
    [("community", community.id.clone())]
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

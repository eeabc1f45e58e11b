//! Every code that the engine can give beside those of events, so that an app can see whether it has words for all.
//!
//! Codes of events stand in the table of rights ([`Phone::table`](crate::Phone)).

use crate::LinliError;

/// A code that an app may be given, and has words for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CodeLine {
    /// What it is a code of: `refusal.order`, `review`, `hidden`, `status.order`, `held`.
    pub family: String,
    /// The code.
    pub code: String,
    /// Of a refusal: whether the same wish, said to have happened, goes through.
    pub warning: bool,
}

/// Every code that the engine can give, beside those of events.
///
/// # Errors
/// None; a function that can throw outlives a fault inside.
#[uniffi::export]
pub fn codes() -> Result<Vec<CodeLine>, LinliError> {
    Ok(lines())
}

fn lines() -> Vec<CodeLine> {
    let lines = CODES.iter().flat_map(|(family, codes)| codes.iter().map(move |code| (*family, *code)));
    let line = |(family, code): (&str, &str)| {
        let warning = WARNINGS.iter().any(|(of, codes)| *of == family && codes.contains(&code));
        CodeLine { family: family.to_owned(), code: code.to_owned(), warning }
    };
    lines.map(line).collect()
}

/// Codes by what they are codes of.
const CODES: &[(&str, &[&str])] = &[
    (
        "refusal.order",
        &[
            "target",
            "ended",
            "not_ended",
            "goes_on",
            "held_by",
            "not_yours",
            "already_yours",
            "not_held",
            "to_oneself",
            "no_offer",
            "not_contested",
            "not_a_claimant",
            "not_delivered",
            "nothing_changes",
            "missing",
            "unknown_kind",
            "nothing_asked",
            "too_long",
            "too_many",
            "out_of_bounds",
            "amount",
            "unknown_field",
            "wrong_value",
            "unknown_item",
            "no_conflict",
            "unknown_order",
            "same_order",
            "same_building",
            "unknown_event",
            "does_not_fit",
            "warn_ended",
            "warn_delivered",
            "warn_held_by",
            "warn_purchased",
            "warn_lease_runs",
            "warn_not_entrusted",
            "warn_overpaid",
            "unanswered",
        ],
    ),
    (
        "refusal.box",
        &[
            "target",
            "closed",
            "unknown_lot",
            "unknown_product",
            "product_withdrawn",
            "prescription",
            "expired",
            "opened_package",
            "quantity",
            "lots",
            "empty",
            "too_long",
            "unfit",
            "more_than_there",
            "not_enough",
            "no_lot",
            "over_limit",
            "room_needed",
            "units_unknown",
            "unknown_box",
            "same_box",
            "not_for_this_box",
            "already_received",
            "unknown_parcel",
            "not_quarantined",
            "period",
            "still_stocked",
            "not_correctable",
            "nothing",
            "store",
        ],
    ),
    (
        "refusal.product",
        &["target", "no_name", "too_long", "too_many", "barcode", "unit", "nothing", "withdrawn", "store"],
    ),
    ("refusal.recall", &["target", "unknown_product", "batches", "too_long", "nothing", "withdrawn", "store"]),
    (
        "refusal.alert",
        &[
            "unknown_what",
            "not_a_code",
            "empty",
            "too_long",
            "label",
            "too_late",
            "over",
            "contradicts",
            "already_answered",
            "nothing_to_take_back",
            "no_such_event",
            "not_correctable",
            "nothing_changed",
            "no_alert",
            "not_new",
            "store",
        ],
    ),
    (
        "refusal.building",
        &[
            "label",
            "already_listed",
            "already_there",
            "no_such_item",
            "too_long",
            "too_many",
            "out_of_range",
            "retired",
            "nothing_changed",
            "no_building",
            "not_new",
            "store",
        ],
    ),
    (
        "refusal.settings",
        &[
            "already_made",
            "not_a_code",
            "already_there",
            "no_such_term",
            "empty",
            "too_long",
            "too_many",
            "out_of_range",
            "nothing_changed",
            "not_made",
            "store",
        ],
    ),
    (
        "refusal.household",
        &[
            "no_household",
            "not_new",
            "closed",
            "no_consent",
            "consent_ended",
            "nothing_to_withdraw",
            "label",
            "missing",
            "too_long",
            "too_many",
            "too_many_contacts",
            "no_such_item",
            "nothing_changes",
            "period",
            "not_due",
            "unknown_plan",
            "already_paired",
            "not_paired",
            "order_refused",
            "not_correctable",
            "warn_no_consent",
            "warn_closed",
            "warn_confirmed",
            "warn_other_order",
            "warn_to_come",
            "store",
        ],
    ),
    (
        "refusal.roster",
        &[
            "not_admitted",
            "not_allowed",
            "unknown_device",
            "unknown_member",
            "already_admitted",
            "withdrawn",
            "role",
            "already_granted",
            "not_granted",
            "rank",
            "no_key",
            "recipient",
            "not_revoked",
            "not_fallen",
            "last_coordinator",
            "malformed",
        ],
    ),
    (
        "address",
        &["empty", "too_long", "no_number", "unknown_word", "unreadable", "no_building", "twice", "too_many_parts"],
    ),
    (
        "hidden",
        &[
            "empty",
            "quarantined",
            "expired",
            "recalled",
            "unknown_batch",
            "no_class",
            "prescription",
            "unknown_lot",
            "other_unit",
        ],
    ),
    ("status.order", &["open", "claimed", "purchased", "delivered", "confirmed", "cancelled", "moved", "duplicate"]),
    ("status.alert", &["raised", "acknowledged", "responding", "handed", "resolved"]),
    (
        "escalation",
        &["answered", "fresh", "tell_leaders", "tell_coordinators", "call_emergency_number", "nobody_has_it"],
    ),
    (
        "held",
        &[
            "parked",
            "sealed",
            "newer",
            "malformed",
            "unentitled",
            "stranger",
            "cut",
            "erased",
            "missing",
            "silenced",
            "crowded",
        ],
    ),
    ("class", &["over_the_counter", "prescription", "device", "supply"]),
    ("visit", &["well", "needs_help", "refused", "nobody", "wrong_address"]),
    (
        "review",
        &[
            "assigned_differently",
            "claim_on_closed",
            "class_contested",
            "confirmed_differently",
            "confirmed_without_delivery",
            "conflicting_edit",
            "conflicting_removal",
            "contested",
            "corrections_differ",
            "delivered_after_cancel",
            "delivered_twice",
            "limit_exceeded",
            "moved_after_closing",
            "nobody_reached",
            "overpaid",
            "posted_without_consent",
            "purchased_after_cancel",
            "received_elsewhere",
            "received_twice",
            "shortfall",
            "things_do_not_add_up",
            "transfer_difference",
            "uncertain_lot",
            "unknown_lot",
            "went_on_beside_the_holder",
            "withdrawal_contested",
        ],
    ),
    (
        "what",
        &[
            "chest_pain",
            "breathing",
            "unconscious",
            "bleeding",
            "fall",
            "labour",
            "dialysis",
            "medicine_out",
            "child_fever",
            "mental_crisis",
            "missing_person",
            "fire",
            "gas",
            "power_or_water",
            "other",
        ],
    ),
    ("refusal.erasure", &["kept"]),
];

/// Which of them only warn.
const WARNINGS: &[(&str, &[&str])] = &[
    (
        "refusal.order",
        &[
            "warn_ended",
            "warn_delivered",
            "warn_held_by",
            "warn_purchased",
            "warn_lease_runs",
            "warn_not_entrusted",
            "warn_overpaid",
        ],
    ),
    (
        "refusal.box",
        &[
            "closed",
            "unfit",
            "more_than_there",
            "not_enough",
            "over_limit",
            "room_needed",
            "already_received",
            "still_stocked",
        ],
    ),
    ("refusal.alert", &["contradicts"]),
    ("refusal.household", &["warn_no_consent", "warn_closed", "warn_confirmed", "warn_other_order", "warn_to_come"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::lines;

    macro_rules! source {
        ($path:literal) => {
            include_str!(concat!("../../../core/src/", $path))
        };
    }

    /// The variants of an enum in a source file, in snake case.
    fn variants(source: &str, name: &str) -> BTreeSet<String> {
        let begin = source.find(&format!("pub enum {name} {{")).expect("the enum stands in this file");
        let body = &source[begin..];
        let body = &body[..body.find("\n}").expect("it ends")];
        let names = body.lines().skip(1).filter_map(|line| line.strip_prefix("    "));
        let names = names.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
        names.map(|line| snake(&line.chars().take_while(char::is_ascii_alphanumeric).collect::<String>())).collect()
    }

    fn snake(name: &str) -> String {
        let mut snake = String::new();
        for (at, c) in name.char_indices() {
            if c.is_ascii_uppercase() && at > 0 {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        snake
    }

    /// The variants that a refusal's `is_warning` names.
    fn warnings(source: &str) -> BTreeSet<String> {
        let Some((_, rest)) = source.split_once("fn is_warning") else { return BTreeSet::new() };
        let body = rest.split_once("\n    }\n").expect("it ends").0;
        let named = body.split("::").skip(1).map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric));
        named.map(|name| snake(&name.collect::<String>())).filter(|name| !name.is_empty()).collect()
    }

    /// What stands in quotes right behind a word in a source file.
    fn quoted<'a>(source: &'a str, before: &'a str) -> impl Iterator<Item = String> {
        let quoted = |rest: &'a str| rest.trim_start().strip_prefix('"')?.split('"').next();
        source.split(before).skip(1).filter_map(quoted).map(str::to_owned)
    }

    fn given(family: &str) -> BTreeSet<String> {
        lines().into_iter().filter(|line| line.family == family).map(|line| line.code).collect()
    }

    #[test]
    fn every_code_of_an_enum_is_told() {
        let enums = [
            ("refusal.order", source!("aggregate/order/refusal.rs"), "Refusal"),
            ("refusal.box", source!("aggregate/medicine_box/wish.rs"), "Refusal"),
            ("refusal.product", source!("aggregate/product/wish.rs"), "Refusal"),
            ("refusal.recall", source!("aggregate/recall/decide.rs"), "Refusal"),
            ("refusal.alert", source!("aggregate/alert/decide.rs"), "AlertRefusal"),
            ("refusal.building", source!("aggregate/building/decide.rs"), "BuildingRefusal"),
            ("refusal.settings", source!("aggregate/settings/decide.rs"), "SettingsRefusal"),
            ("refusal.household", source!("aggregate/household/wish.rs"), "HouseholdRefusal"),
            ("refusal.roster", source!("roster/command.rs"), "RosterRefusal"),
            ("address", source!("aggregate/address/mod.rs"), "AddressError"),
            ("hidden", source!("aggregate/medicine_box/offer.rs"), "Hidden"),
            ("status.order", source!("aggregate/order/outcome.rs"), "Status"),
            ("status.alert", source!("aggregate/alert/picture.rs"), "Status"),
            ("escalation", source!("aggregate/alert/escalation.rs"), "Escalation"),
            ("held", source!("event/held.rs"), "Held"),
            ("class", source!("aggregate/product/fact.rs"), "Class"),
            ("visit", source!("aggregate/household/fact.rs"), "VisitOutcome"),
        ];

        for (family, source, name) in enums {
            assert_eq!(given(family), variants(source, name), "{family}");
        }
    }

    #[test]
    fn every_warning_is_told_as_one() {
        let enums = [
            ("refusal.order", source!("aggregate/order/refusal.rs")),
            ("refusal.box", source!("aggregate/medicine_box/wish.rs")),
            ("refusal.household", source!("aggregate/household/wish.rs")),
        ];

        for (family, source) in enums {
            let told = lines().into_iter().filter(|line| line.family == family && line.warning);
            let mut warnings = warnings(source);
            // A box is closed `anyway`, which is not said to have happened.
            warnings.extend((family == "refusal.box").then(|| "still_stocked".to_owned()));
            assert_eq!(told.map(|line| line.code).collect::<BTreeSet<_>>(), warnings, "{family}");
        }
    }

    #[test]
    fn everything_to_look_at_is_told() {
        let found = [
            quoted(source!("aggregate/order/review.rs"), "found(").collect::<Vec<_>>(),
            quoted(source!("aggregate/order/review.rs"), "though_ended(").collect(),
            quoted(source!("aggregate/medicine_box/rows.rs"), "point(").collect(),
            quoted(source!("aggregate/medicine_box/rows.rs"), "code:").collect(),
            quoted(source!("aggregate/product/mod.rs"), "Review { code:").collect(),
            quoted(source!("aggregate/recall/mod.rs"), "Review { code:").collect(),
            quoted(source!("aggregate/alert/rows.rs"), "code:").collect(),
            quoted(source!("aggregate/household/rows.rs"), "code:").collect(),
            quoted(source!("aggregate/content.rs"), "Review { code:").collect(),
        ];
        let mut codes: BTreeSet<String> = found.into_iter().flatten().collect();
        codes.extend(["conflicting_edit", "conflicting_removal"].map(str::to_owned));

        assert_eq!(given("review"), codes);
    }

    #[test]
    fn everything_an_alert_can_be_about_is_told() {
        let whats = linli_core::aggregate::alert::WHATS.iter().map(|what| (*what).to_owned());

        assert_eq!(given("what"), whats.collect());
    }
}

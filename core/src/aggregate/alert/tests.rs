use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::{
    aggregate::{
        Content, Payload, Value, encode,
        tests::made::{Nowhere, member, reference, said},
    },
    event::{Edit, Scalar},
    id::{DeviceId, MemberId},
    limits,
    roster::{Need, Standing},
    time::WallMs,
};

const ANNA: u8 = 1;
const BO: u8 = 2;
const CHEN: u8 = 3;

#[test]
fn an_alert_goes_from_raised_to_resolved() {
    let mut story = Story::of_a_fall();
    assert_eq!(story.status(), Status::Raised);

    story.does(BO, AlertCommand::Acknowledge);
    assert_eq!(story.status(), Status::Acknowledged);
    story.does(CHEN, AlertCommand::Respond { eta_minutes: Some(4) });
    assert_eq!(story.status(), Status::Responding);
    story.does(CHEN, AlertCommand::HandToAmbulance { note: None, already_happened: false });
    assert_eq!(story.status(), Status::Handed);
    assert!(story.outcome().is_open());
    story.does(BO, AlertCommand::Resolve { how: "helped".to_owned(), note: None, already_happened: false });

    assert_eq!(story.status(), Status::Resolved);
    assert!(!story.outcome().is_open());
    assert!(story.reviews().is_empty());
}

#[test]
fn raised_again_ends_the_answers_it_knew_of() {
    let mut story = Story::of_a_fall();
    let seen = story.says(BO, &[0], AlertFact::Acknowledged);
    let coming = story.says(CHEN, &[seen], responding(None));
    let again = story.says(ANNA, &[coming], raised_again());

    assert_eq!(story.status(), Status::Raised);
    assert_eq!(story.outcome().since(), story.history.act(again).wall);

    story.says(BO, &[again], AlertFact::Acknowledged);
    assert_eq!(story.status(), Status::Acknowledged);
}

#[test]
fn raising_again_what_nobody_answered_makes_it_no_younger() {
    let mut story = Story::of_a_fall();
    let first = story.history.act(0).wall;
    let mut last = 0;
    for _ in 0..3 {
        last = story.says(BO, &[last], raised_again());
        assert_eq!(story.outcome().since(), first);
    }

    let seen = story.says(CHEN, &[last], AlertFact::Acknowledged);
    let again = story.says(ANNA, &[seen], raised_again());
    let beside = story.says(BO, &[seen], raised_again());
    story.says(BO, &[again, beside], raised_again());
    assert_eq!(story.outcome().since(), story.history.act(again).wall, "nobody has answered since then");

    // Who takes an answer back never gave one.
    story.says(CHEN, &[again], corrected(seen, Scalar::Null));
    assert_eq!(story.outcome().since(), first);
}

#[test]
fn an_answer_beside_a_raising_counts_until_somebody_who_knew_of_it_raises_again() {
    let mut story = Story::of_a_fall();
    let seen = story.says(BO, &[0], AlertFact::Acknowledged);
    let again = story.says(ANNA, &[seen], raised_again());
    let coming = story.says(CHEN, &[0], responding(Some(2)));
    assert_eq!(story.outcome().since(), story.history.act(again).wall);

    let beside = story.says(BO, &[again], raised_again());
    let last = story.says(ANNA, &[beside, coming], raised_again());
    assert_eq!(story.status(), Status::Raised);
    assert_eq!(story.outcome().since(), story.history.act(last).wall);
}

#[test]
fn an_answer_the_re_raiser_did_not_know_of_still_stands() {
    let mut story = Story::of_a_fall();
    let seen = story.says(BO, &[0], AlertFact::Acknowledged);
    story.says(ANNA, &[seen], raised_again());
    story.says(CHEN, &[0], responding(Some(2)));

    let outcome = story.outcome();
    assert_eq!(outcome.status, Status::Responding);
    assert!(outcome.acknowledged.is_empty());
    assert_eq!(outcome.responders[0].saying.by, member(CHEN));
}

#[test]
fn raised_again_opens_what_it_knew_to_be_resolved() {
    let mut story = Story::of_a_fall();
    let over = story.says(BO, &[0], resolved());
    assert_eq!(story.status(), Status::Resolved);

    let again = story.says(ANNA, &[over], raised_again());
    assert_eq!(story.status(), Status::Raised);
    assert!(story.reviews().is_empty(), "nothing contradicts anything");

    story.says(BO, &[again], resolved());
    assert_eq!(story.status(), Status::Resolved);
}

#[test]
fn resolved_and_raised_again_unknown_to_each_other_stay_open_for_review() {
    for resolved_first in [true, false] {
        let mut story = Story::of_a_fall();
        let (one, other) = if resolved_first { (resolved(), raised_again()) } else { (raised_again(), resolved()) };
        let first = story.says(BO, &[0], one);
        let second = story.says(ANNA, &[0], other);

        assert_eq!(story.status(), Status::Raised);
        assert_eq!(story.reviews(), ["resolved_while_raised_again"]);

        story.says(BO, &[first, second], resolved());
        assert_eq!(story.status(), Status::Resolved);
        assert!(story.reviews().is_empty(), "somebody who knew both has said so");
    }
}

#[test]
fn an_ambulance_unknown_to_the_re_raiser_is_shown_for_review() {
    let mut story = Story::of_a_fall();
    story.says(BO, &[0], AlertFact::HandedToAmbulance { note: None });
    story.says(ANNA, &[0], raised_again());

    assert_eq!(story.status(), Status::Raised);
    assert_eq!(story.reviews(), ["handed_while_raised_again"]);
}

#[test]
fn a_mis_tapped_raising_brings_back_what_it_ended() {
    let mut story = Story::of_a_fall();
    let over = story.says(BO, &[0], resolved());
    let again = story.says(ANNA, &[over], raised_again());
    story.says(ANNA, &[again], corrected(again, Scalar::Null));

    assert_eq!(story.status(), Status::Resolved);
    assert_eq!(story.outcome().raised.len(), 1);
}

#[test]
fn what_it_is_about_and_when_somebody_comes_can_be_corrected() {
    let mut story = Story::of_a_fall();
    let coming = story.says(BO, &[0], responding(Some(2)));
    story.says(BO, &[coming], corrected(coming, 20));
    story.says(ANNA, &[coming], corrected(0, "breathing"));
    story.says(ANNA, &[coming], corrected(0, Scalar::Null));

    let outcome = story.outcome();
    assert_eq!(outcome.what, "breathing");
    assert_eq!(outcome.responders[0].eta_minutes, Some(20));
    assert_eq!(outcome.raised.len(), 1, "a raised alert is never undone, only resolved");
}

#[test]
fn concurrent_corrections_that_differ_are_shown_until_somebody_who_knows_both_decides() {
    let mut story = Story::of_a_fall();
    let one = story.says(ANNA, &[0], corrected(0, "breathing"));
    let other = story.says(BO, &[0], corrected(0, "chest_pain"));
    assert_eq!(story.reviews(), ["corrections_differ"]);

    story.says(BO, &[one, other], corrected(0, "breathing"));
    assert!(story.reviews().is_empty());
    assert_eq!(story.outcome().what, "breathing");
}

#[test]
fn a_correction_of_what_is_not_here_says_nothing() {
    let mut story = Story::of_a_fall();
    story.says(ANNA, &[0], corrected(99, Scalar::Null));
    let before = story.says(ANNA, &[0], corrected(3, Scalar::Null));
    story.says(BO, &[before], AlertFact::Acknowledged);

    assert_eq!(story.status(), Status::Acknowledged);
}

#[test]
fn who_cannot_come_takes_every_answer_back() {
    let mut story = Story::of_a_fall();
    story.does(BO, AlertCommand::Acknowledge);
    story.does(BO, AlertCommand::Respond { eta_minutes: Some(3) });
    story.does(BO, AlertCommand::Respond { eta_minutes: Some(9) });
    assert_eq!(story.outcome().responders.len(), 1);

    story.does(BO, AlertCommand::StandDown { why: "locked in".to_owned() });

    assert_eq!(story.status(), Status::Raised);
    let again = story.commands(BO, AlertCommand::StandDown { why: "locked in".to_owned() });
    assert_eq!(again.err(), Some(AlertRefusal::NothingToTakeBack));
}

#[test]
fn commands_are_refused_and_facts_are_not() {
    let mut story = Story::of_a_fall();
    let resolve = |already_happened| AlertCommand::Resolve { how: "helped".to_owned(), note: None, already_happened };
    story.does(BO, AlertCommand::Acknowledge);
    assert_eq!(story.commands(BO, AlertCommand::Acknowledge).err(), Some(AlertRefusal::AlreadyAnswered));
    story.does(BO, resolve(false));

    assert_eq!(story.commands(CHEN, AlertCommand::Acknowledge).err(), Some(AlertRefusal::Over));
    assert_eq!(story.commands(CHEN, AlertCommand::Respond { eta_minutes: None }).err(), Some(AlertRefusal::Over));
    let warning = AlertRefusal::Contradicts { status: Status::Resolved };
    assert_eq!(story.commands(CHEN, resolve(false)).err(), Some(warning));
    assert!(story.commands(CHEN, resolve(true)).is_ok());
    assert!(story.commands(ANNA, AlertCommand::RaiseAgain { why: None }).is_ok(), "a call for help is never refused");
}

#[test]
fn raising_needs_nothing_but_what_it_is_about() {
    let bare = |what: &str, building: Option<&str>, room: Option<&str>| AlertCommand::Raise {
        what: what.to_owned(),
        building: building.map(str::to_owned),
        unit: None,
        room: room.map(str::to_owned),
        text: None,
        contact: None,
    };
    let raised = |command| Alert::decide(None, command, &context(ANNA));

    let drafts = raised(bare("fall", Some("３号楼"), Some("1804室"))).expect("not refused");
    assert_eq!(fact_of(&drafts[0]), AlertFact::Raised { what: "fall".to_owned(), building: Some("3".to_owned()) });
    assert_eq!(drafts[0].edits, [Edit::put(field::ROOM, "1804")]);
    assert!(drafts[0].target.is_none());
    assert!(raised(bare("other", None, None)).is_ok());
    let nothing = AlertRefusal::Empty { field: "what" };
    assert_eq!(raised(bare(" ", None, None)).err(), Some(nothing));
    let long = raised(bare("fall", Some(&"楼".repeat(20)), None)).err();
    assert!(matches!(long, Some(AlertRefusal::Label { field: "building", .. })));
    assert_eq!(raised(AlertCommand::Acknowledge).err(), Some(AlertRefusal::NoAlert));
}

#[test]
fn whoever_calls_for_help_says_it_in_their_own_words() {
    let raised = |what: &str, text: Option<&str>| {
        let (what, text) = (what.to_owned(), text.map(str::to_owned));
        let raise = AlertCommand::Raise { what, building: None, unit: None, room: None, text, contact: None };
        let draft = Alert::decide(None, raise, &context(ANNA)).expect("not refused").remove(0);
        let AlertFact::Raised { what, .. } = fact_of(&draft) else { panic!("it is raised") };
        (what, draft.edits)
    };
    let kept = |text: &str| vec![Edit::put(field::TEXT, text)];

    assert_eq!(raised("胸痛", None), ("chest_pain".to_owned(), vec![]));
    assert_eq!(raised("我爸胸口痛", None), ("chest_pain".to_owned(), kept("我爸胸口痛")));
    assert_eq!(raised("手被门夹住了", Some("三楼")), ("other".to_owned(), kept("手被门夹住了; 三楼")));
    assert_eq!(raised("摔倒", Some("浴室")), ("fall".to_owned(), kept("浴室")));

    let story = Story::of_a_fall();
    let corrects = |text: &str| {
        let (event, value, why) = (reference(0), Scalar::Text(text.to_owned()), "wrong".to_owned());
        story.commands(ANNA, AlertCommand::Correct { event, value, why }).map(|drafts| fact_of(&drafts[0]))
    };
    let Ok(AlertFact::Corrected { value, .. }) = corrects("喘不上气") else { panic!("it is understood") };
    assert_eq!(value, Scalar::Text("breathing".to_owned()));
    assert!(corrects("手被门夹住了").is_err(), "what is not understood would be lost");
}

#[test]
fn an_edit_writes_only_what_differs_or_settles_a_conflict() {
    let mut story = Story::of_a_fall();
    let value = |text: &str| Value { value: text.into(), by: [0; 16] };
    story.content.fields.insert(field::ROOM, vec![value("1804")]);
    story.content.fields.insert(field::TEXT, vec![value("kitchen"), value("bath")]);
    let edit = |room: &str, text: Option<&str>| AlertCommand::Edit {
        text: text.map(str::to_owned),
        contact: None,
        unit: None,
        room: Some(room.to_owned()),
    };

    assert_eq!(story.commands(BO, edit("1804室", None)).err(), Some(AlertRefusal::NothingChanged));
    let settled = story.commands(BO, edit("1804", Some("bath"))).expect("not refused");
    assert_eq!(settled[0].edits, [Edit::put(field::TEXT, "bath")]);
    let cleared = story.commands(BO, edit(" ", None)).expect("not refused");
    assert_eq!(cleared[0].edits, [Edit::put(field::ROOM, Scalar::Null)]);
}

#[test]
fn a_list_shows_no_contact_and_no_words_but_the_open_alert_does() {
    let mut story = Story::of_a_fall();
    let value = |text: &str| vec![Value { value: text.into(), by: [0; 16] }];
    story.content.fields.insert(field::CONTACT, value("13800001234"));
    story.content.fields.insert(field::TEXT, value("in the bath"));
    story.does(BO, AlertCommand::Respond { eta_minutes: Some(3) });
    story.does(BO, AlertCommand::Comment { text: "door is locked".to_owned() });

    let row = Alert::rows(&story.subject()).remove(0);
    assert_eq!(row.cells.len(), ALERT_CARD.columns.len());
    let json = row.cells.last().and_then(|cell| cell.text()).expect("the card");
    assert!(!json.contains("1380000") && !json.contains("bath"), "{json}");
    let found = Found { aggregate: reference(0), nth: 0, cells: row.cells.clone() };
    assert_eq!(AlertCard::from_row(&found), Some(AlertCard::of(&story.subject())));

    let view = AlertView::of(&story.subject());
    assert_eq!(view.contact.as_deref(), Some("13800001234"));
    assert_eq!(view.comments[0].text, "door is locked");
}

#[test]
fn it_escalates_with_any_clock() {
    let minute = 60_000;
    assert_eq!(WallMs(0).age(WallMs(5_000), 1_000), 5_000);
    assert_eq!(WallMs(4_070_908_800_000).age(WallMs(0), minute), 60_000, "raised by a clock in 2099");
    assert_eq!(WallMs(0).age(WallMs(i64::MIN), 7), 7);

    let unanswered = |ms: u64, others: usize| escalation(Waits::of(Status::Raised, ms, []), others);
    assert_eq!(unanswered(0, 0), Escalation::Fresh);
    assert_eq!(unanswered(limits::NOBODY_HAS_IT_MS, 0), Escalation::NobodyHasIt);
    assert_eq!(unanswered(limits::NOBODY_HAS_IT_MS, 1), Escalation::Fresh);
    let levels = [1, 3, 10].map(|minutes| unanswered(minutes * minute, 2).level());
    assert_eq!(levels, [1, 2, 3]);
    assert_eq!(escalation(Waits::of(Status::Handed, 60 * minute, []), 0), Escalation::Answered);
    assert_eq!(Escalation::NobodyHasIt.code(), "nobody_has_it");
}

#[test]
fn an_answer_keeps_it_quiet_for_as_long_as_what_it_says_may_take() {
    const MINUTE: u64 = 60_000;
    let at = |minutes: u64, answers: &[(u64, u64)]| {
        let answers = answers.iter().map(|(given, quiet)| ((minutes - given) * MINUTE, *quiet));
        escalation(Waits::of(Status::Responding, 0, answers), 1)
    };
    use Escalation::{Answered, CallEmergencyNumber, TellCoordinators, TellLeaders};

    let seen = [(0, ACKNOWLEDGED_MS)];
    assert_eq!([4, 5, 10, 15, 600].map(|minutes| at(minutes, &seen)), {
        [Answered, TellLeaders, TellCoordinators, CallEmergencyNumber, CallEmergencyNumber]
    });
    let coming = [(0, ACKNOWLEDGED_MS), (1, quiet_ms(Some(4)))];
    assert_eq!([14, 15, 20, 25].map(|minutes| at(minutes, &coming)), {
        [Answered, TellLeaders, TellCoordinators, CallEmergencyNumber]
    });
    assert_eq!([19, 20].map(|minutes| at(minutes, &[(0, quiet_ms(None))])), [Answered, TellLeaders]);
    assert_eq!(at(70, &[(0, quiet_ms(Some(1440)))]), TellLeaders, "tomorrow is no help");
    assert_eq!(at(9, &[(0, ACKNOWLEDGED_MS), (5, ACKNOWLEDGED_MS)]), Answered, "somebody else looks after it");
}

#[test]
fn the_next_escalation_is_known_beforehand() {
    let next = |ms: u64, others: usize| next_escalation(Waits::of(Status::Raised, ms, []), others);
    assert_eq!(next(2_000, 0), Some(8_000));
    assert_eq!(next(20_000, 0), None);
    assert_eq!(next(2_000, 3), Some(58_000));
    assert_eq!(next(TELL_COORDINATORS_MS, 3), Some(7 * 60_000));
    assert_eq!(next(CALL_EMERGENCY_MS, 3), None);

    let seen = |ms: u64| next_escalation(Waits::of(Status::Acknowledged, 0, [(ms, ACKNOWLEDGED_MS)]), 0);
    assert_eq!(seen(60_000), Some(4 * 60_000));
    assert_eq!(seen(ACKNOWLEDGED_MS), Some(LED_TO_NOTHING_MS));
    assert_eq!(seen(ACKNOWLEDGED_MS + 2 * LED_TO_NOTHING_MS), None);
    assert_eq!(next_escalation(Waits::of(Status::Resolved, 0, [(0, 0)]), 0), None);
}

#[test]
fn a_card_knows_which_answers_keep_it_quiet() {
    let mut story = Story::of_a_fall();
    story.does(BO, AlertCommand::Acknowledge);
    let seen = story.says(CHEN, &[0], AlertFact::Acknowledged);
    story.says(BO, &[seen], responding(Some(5)));

    let answers = |story: &Story| -> Vec<(MemberId, u64)> {
        let card = AlertCard::of(&story.subject());
        card.answers().map(|(saying, quiet)| (saying.by, quiet)).collect()
    };
    assert_eq!(answers(&story), [(member(CHEN), ACKNOWLEDGED_MS), (member(BO), 15 * 60_000)]);
    let all: Vec<usize> = (0..story.history.acts().len()).collect();
    story.says(ANNA, &all, raised_again());
    assert_eq!(answers(&story), []);
}

#[test]
fn payloads_out_of_bounds_are_malformed() {
    let long = "x".repeat(limits::FIELD + 1);
    let raised = |what: &str, building: &str| {
        encode(&fact::RaisedPayload { what: what.to_owned(), building: Some(building.to_owned()) })
    };
    let malformed = |kind, payload: &[u8]| Alert::read(kind, 1, payload).is_err();

    assert!(!malformed(kind::RAISED, &raised("newer_code", "3")));
    assert!(malformed(kind::RAISED, &raised("Not a code", "3")));
    assert!(malformed(kind::RAISED, &raised("fall", "")));
    assert!(malformed(kind::RAISED, &raised("fall", &"3".repeat(33))));
    assert!(malformed(kind::RESPONDING, &encode(&fact::RespondingPayload { eta_minutes: Some(1441) })));
    assert!(malformed(kind::COMMENTED, &encode(&fact::CommentedPayload { text: long })));
    assert!(malformed(kind::COMMENTED, &encode(&fact::CommentedPayload { text: String::new() })));
    assert!(malformed(kind::ACKNOWLEDGED, &[0xa0, 0x00]), "bytes behind the payload");
    assert!(malformed(kind::ACKNOWLEDGED, &[]));
    assert!(Alert::read(kind::ACKNOWLEDGED, 2, &[0xa0]).is_err());
    assert!(Alert::read(0x05ff, 1, &[0xa0]).is_err());
}

#[test]
fn random_bytes_and_random_histories_never_panic() {
    let mut dice = ChaCha20Rng::seed_from_u64(5);
    for _ in 0..20_000 {
        let payload: Vec<u8> = (0..dice.random_range(0..40)).map(|_| dice.random()).collect();
        let _either = Alert::read(kind::RAISED + dice.random_range(0..10), 1, &payload);
    }
    for _ in 0..300 {
        let mut story = Story::of_a_fall();
        for nth in 1..20 {
            let deps: Vec<usize> = (0..nth).filter(|_| dice.random_range(0..3) == 0).collect();
            story.says(dice.random_range(1..4), &deps, random_fact(&mut dice));
        }
        let outcome = story.outcome();
        assert!(!outcome.raised.is_empty());
        assert_eq!(outcome.is_open(), outcome.resolved.is_empty());
        assert_eq!(Alert::rows(&story.subject()).len(), 1);
        let _reviews = story.reviews();
    }
}

fn random_fact(dice: &mut ChaCha20Rng) -> AlertFact {
    match dice.random_range(0..8) {
        0 => AlertFact::Acknowledged,
        1 => responding(Some(dice.random_range(0..60))),
        2 => AlertFact::HandedToAmbulance { note: None },
        3 => resolved(),
        4 => raised_again(),
        5 => AlertFact::Commented { text: "word".to_owned() },
        6 => corrected(dice.random_range(0..25), Scalar::Null),
        _ => corrected(dice.random_range(0..25), dice.random_range(0..60)),
    }
}

/// One alert as one replica folds it. Each act names the acts its author knew of.
struct Story {
    state: AlertState,
    history: History,
    birth: Birth,
    content: Content,
}

impl Story {
    /// Anna has raised an alert at building 3, at second 0.
    fn of_a_fall() -> Self {
        let birth = Birth { aggregate: reference(0), author: member(ANNA), building: Some("3".to_owned()) };
        let mut story =
            Self { state: AlertState::default(), history: History::default(), birth, content: Content::default() };
        story.says(ANNA, &[], AlertFact::Raised { what: "fall".to_owned(), building: Some("3".to_owned()) });
        story
    }

    /// Adds an act whose author knew of `deps`, and folds it.
    fn says(&mut self, by: u8, deps: &[usize], fact: AlertFact) -> usize {
        let second = i64::try_from(self.history.acts().len()).expect("a short story");
        let at = said(&mut self.history, by, deps, Standing::NONE.with(Need::MEMBER), WallMs(second * 1000));
        Alert::apply(&mut self.state, &fact, at, &self.history, &self.birth);
        at
    }

    fn subject(&self) -> Subject<'_, AlertState> {
        Subject { birth: &self.birth, state: &self.state, content: &self.content, history: &self.history }
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(&self.subject())
    }

    fn status(&self) -> Status {
        self.outcome().status
    }

    fn reviews(&self) -> Vec<&'static str> {
        Alert::review(&self.subject()).into_iter().map(|review| review.code).collect()
    }

    /// What happens to a member's command.
    fn commands(&self, by: u8, command: AlertCommand) -> Result<Vec<Draft>, AlertRefusal> {
        let context = context(by);
        Alert::decide(Some(&self.subject()), command, &context)
    }

    /// A member commands, knowing everything; what comes of it is written, read and folded.
    fn does(&mut self, by: u8, command: AlertCommand) {
        for draft in self.commands(by, command).expect("not refused") {
            let all: Vec<usize> = (0..self.history.acts().len()).collect();
            self.says(by, &all, fact_of(&draft));
        }
    }
}

fn context(by: u8) -> DecisionContext<'static> {
    DecisionContext {
        by: member(by),
        device: DeviceId::from_bytes([by; 32]),
        standing: Standing::NONE.with(Need::MEMBER),
        now: WallMs(60_000),
        world: &Nowhere,
    }
}

fn fact_of(draft: &Draft) -> AlertFact {
    let Payload::Ready(payload) = &draft.payload else { panic!("alerts need no late payloads") };
    Alert::read(draft.kind, 1, payload).expect("what is drafted can be read")
}

fn responding(eta_minutes: Option<u16>) -> AlertFact {
    AlertFact::Responding { eta_minutes }
}

fn resolved() -> AlertFact {
    AlertFact::Resolved { how: "helped".to_owned(), note: None }
}

fn raised_again() -> AlertFact {
    AlertFact::RaisedAgain { why: None }
}

fn corrected(nth: usize, value: impl Into<Scalar>) -> AlertFact {
    AlertFact::Corrected { event: reference(nth), value: value.into(), why: "mis-tap".to_owned() }
}

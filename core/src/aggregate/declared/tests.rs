//! Which declarations make sense.

use serde_json::{Value, json};

use super::{Declaration, DeclarationError};
use crate::aggregate::{Registry, RegistryError};

#[test]
fn what_makes_no_sense_is_refused_with_the_reason() {
    assert!(matches!(refused("/statuses", json!(3)), DeclarationError::Json(_)));
    assert_eq!(refused("/name", json!("Tool")), DeclarationError::Name("Tool".into()));
    assert_eq!(refused("/fields/0/name", json!("a name")), DeclarationError::Name("a name".into()));
    let own = DeclarationError::Name("_standing".into());
    assert_eq!(refused("/fields/0/name", json!("_standing")), own);
    let list_called_as_a_field = json!([{ "list": 0, "name": "name", "fields": [] }]);
    let mut alike = tool();
    alike["lists"] = list_called_as_a_field;
    let alike: Declaration = alike.to_string().parse().expect("it reads");
    assert_eq!(alike.check(), Err(DeclarationError::Twice("name".into())));
    assert_eq!(refused("/statuses/1", json!("here")), DeclarationError::Twice("here".into()));
    assert_eq!(refused("/kinds/1/code", json!("shelved")), DeclarationError::Twice("shelved".into()));
    assert_eq!(refused("/kinds/1/kind", json!(0x8000)), DeclarationError::Twice("number 32768".into()));
    assert_eq!(refused("/kinds/1/kind", json!(0x0200)), DeclarationError::Number(0x0200));
    assert_eq!(refused("/kinds/0/creates", json!(false)), DeclarationError::Creating(0));
    assert_eq!(refused("/transitions/0/to", json!("gone")), DeclarationError::Unknown("gone".into()));
    assert_eq!(refused("/transitions/0/kind", json!("shelved")), DeclarationError::Unknown("shelved".into()));
    assert_eq!(refused("/statuses", json!([])), DeclarationError::Many("statuses"));
    assert_eq!(refused("/name", json!("order")), DeclarationError::Registry(RegistryError::Name("order")));
    assert_eq!(refused("/name", json!("recall")), DeclarationError::Registry(RegistryError::Name("recall")));
    assert_eq!(refused("/name", json!("review")), DeclarationError::Registry(RegistryError::Table("review")));
    let mut nobody = tool();
    nobody["kinds"][0]["need"] = json!(["author", "keeper"]);
    let nobody: Declaration = nobody.to_string().parse().expect("it reads");
    assert_eq!(nobody.check(), Err(DeclarationError::Nobody("shelved".into())));
}

#[test]
fn a_declaration_is_known_by_what_it_says_and_not_by_how_it_is_laid_out() {
    let one: Declaration = tool().to_string().parse().expect("it reads");
    let mut spelled_out = tool();
    spelled_out["lists"] = json!([]);
    spelled_out["kinds"][1]["need"] = json!(["member"]);
    spelled_out["fields"][0]["merge"] = json!("choose");
    let two: Declaration = serde_json::to_string_pretty(&spelled_out).expect("it writes").parse().expect("it reads");
    let mut three = one.clone();
    three.transitions.clear();

    assert_eq!(one.hash(), two.hash());
    assert_ne!(one.hash(), three.hash());
    let mark = |declaration| Registry::default().declare(declaration).expect("it makes sense").mark();
    assert_ne!(mark(&one), mark(&three));
}

fn tool() -> Value {
    json!({
        "name": "tool",
        "fields": [{ "field": 0, "name": "name", "type": "text" }],
        "kinds": [
            { "kind": 0x8000, "code": "shelved", "creates": true },
            { "kind": 0x8001, "code": "lent" },
            { "kind": 0x8002, "code": "described" },
        ],
        "statuses": ["here", "away"],
        "transitions": [{ "from": "here", "kind": "lent", "to": "away" }],
    })
}

/// Why a tool is not declared in which one member says something else.
fn refused(at: &str, value: Value) -> DeclarationError {
    let mut tool = tool();
    *tool.pointer_mut(at).expect("there is such a member") = value;
    let read: Result<Declaration, _> = tool.to_string().parse();
    read.and_then(|declaration| Registry::default().declare(&declaration).map(drop)).expect_err("it makes no sense")
}

//! Roles and rights as people type and read them, and giving a device a right.

use clap::{Args, builder::TypedValueParser};
use linli_core::{
    id::DeviceId,
    roster::{self, Right, Role},
};
use serde_json::json;

use crate::{
    answer::Answer,
    args::one_of,
    failure::{Failure, Outcome},
    home::Phone,
    wrong::Wrong,
};

/// The role of a person.
pub(crate) fn role() -> impl TypedValueParser<Value = Role> {
    one_of([Role::Volunteer, Role::Coordinator])
}

#[derive(Args)]
pub(crate) struct Grant {
    device: String,
    #[arg(value_parser = right())]
    right: roster::Grant,
    #[arg(long = "building", value_name = "BUILDING")]
    buildings: Vec<String>,
    #[arg(long = "box", value_name = "BOX")]
    boxes: Vec<String>,
}

/// A right, of nothing yet.
fn right() -> impl TypedValueParser<Value = roster::Grant> {
    let (buildings, boxes) = (Vec::new(), Vec::new());
    one_of([roster::Grant::Leader { buildings }, roster::Grant::Keeper { boxes }, roster::Grant::Care])
}

/// Whose right, and which.
pub(crate) fn read_grant(phone: &Phone, grant: &Grant) -> Outcome<(DeviceId, roster::Grant)> {
    let device = phone.device(&grant.device)?;
    let wrong = |needs: &str| Failure::usage(Wrong::RightOfWhat, json!({ "flag": needs }));
    let right = match &grant.right {
        roster::Grant::Leader { .. } if grant.buildings.is_empty() => return Err(wrong("--building")),
        roster::Grant::Keeper { .. } if grant.boxes.is_empty() => return Err(wrong("--box")),
        roster::Grant::Leader { .. } => {
            let buildings = grant.buildings.iter().map(|text| phone.building_label(text));
            roster::Grant::Leader { buildings: buildings.collect::<Outcome<_>>()? }
        }
        roster::Grant::Keeper { .. } => {
            let boxes = grant.boxes.iter().map(|text| phone.reference("box", text));
            roster::Grant::Keeper { boxes: boxes.collect::<Outcome<_>>()? }
        }
        roster::Grant::Care => roster::Grant::Care,
    };
    Ok((device, right))
}

pub(crate) fn grant(phone: &Phone, grant: &Grant) -> Outcome<Answer> {
    let (device, right) = read_grant(phone, grant)?;
    phone.replica.grant(phone.command, device, right.clone())?;
    let mut lines = vec![phone.words.say_with("done.granted", json!({ "device": phone.device_name(device) }))];
    let mut document = json!({ "device": device, "grant": right });
    let mut unlisted = Vec::new();
    if let roster::Grant::Leader { buildings } = &right {
        for building in buildings {
            if !phone.replica.is_listed(building)? {
                lines.push(phone.words.say_with("done.granted_unlisted", json!({ "building": building })));
                unlisted.push(building.clone());
            }
        }
    }
    if !unlisted.is_empty() {
        document["unlisted"] = json!(unlisted);
    }
    Ok(Answer::new(document, lines))
}

/// What somebody with a right is called.
pub(crate) fn right_text(phone: &Phone, right: &Right) -> String {
    match right {
        Right::Leader { building } => phone.words.say_with("right.leader", json!({ "building": building })),
        Right::Keeper { medicine_box } => phone.words.say_with("right.keeper", json!({ "box": medicine_box })),
        Right::Care => phone.words.plain("right.care"),
    }
}

//! Doors as apps hand them over: the engine compares and checks them, whatever an app does with a text.

use linli_core::{
    aggregate::{
        building::{BuildingChange, BuildingCommand, Unit},
        order::{Command, NewItem, NewOrder},
    },
    replica::OrderFilter,
};
use linli_ffi::{LinliError, domain::address::read_address, ids::new_command_id};

use crate::scene::Home;

#[tokio::test]
async fn a_building_is_one_for_apps_too() {
    let home = Home::founded().await;
    for building in ["3", "3号楼", " 3 ", "三栋", "３"] {
        post(&home, building, "1804室").await.expect("nothing is listed");
    }

    for building in ["3", "３号楼", "三座"] {
        let filter = OrderFilter { buildings: vec![building.to_owned()], ..OrderFilter::default() };
        assert_eq!(home.phone.board(filter).await.unwrap().items.len(), 5, "{building}");
        let of_room = home.phone.orders_of_room(building.to_owned(), None, "１８０４".to_owned()).await.unwrap();
        assert_eq!(of_room.len(), 5, "{building}");
        let about = home.phone.about_room(building.to_owned(), None, "1804".to_owned()).await.unwrap();
        assert_eq!(about.orders.len(), 5, "{building}");
    }
}

#[tokio::test]
async fn the_register_answers_apps_with_a_code() {
    let home = Home::founded().await;
    let unit = |label: &str| {
        let (item, label) = (None, label.to_owned());
        BuildingChange::Unit(Unit { item, label, floors: Some(18), rooms_per_floor: Some(4) })
    };
    let list = BuildingCommand::List { label: "3号楼".to_owned(), changes: vec![unit("1"), unit("2")] };
    home.phone.submit_building(new_command_id().unwrap(), list, None).await.unwrap();

    for (building, room, why) in [("9", "1804", "no_such_building"), ("三栋", "9904", "no_such_room")] {
        let LinliError::Refused { by, code, params, .. } = post(&home, building, room).await.unwrap_err() else {
            panic!("it is refused")
        };
        assert_eq!((by.as_str(), code.as_str()), ("order", "label"));
        assert!(params["why"].contains(why), "{params:?}");
    }
    let LinliError::Refused { params, .. } = post(&home, "3", "1804").await.unwrap_err() else { panic!("it is asked") };
    assert!(params["why"].contains("3-1-1804") && params["why"].contains("3-2-1804"), "{params:?}");
}

#[test]
fn an_address_by_itself_is_not_guessed() {
    for (text, why) in [("1804", "no_building"), ("2单元18楼1804室", "no_building"), ("3-1804-1", "ambiguous")] {
        let refused = read_address(text.to_owned()).unwrap_err();
        assert!(matches!(&refused, LinliError::Refused { code, .. } if code == why), "{text}: {refused:?}");
    }
    assert_eq!(read_address("3-18A".to_owned()).unwrap().room.as_deref(), Some("18A"));
}

async fn post(home: &Home, building: &str, room: &str) -> Result<(), LinliError> {
    let items = vec![NewItem { name: "米".to_owned(), ..NewItem::default() }];
    let (building, kind, room) = (building.to_owned(), "grocery".to_owned(), Some(room.to_owned()));
    let order = NewOrder { building, kind, room, items, ..NewOrder::default() };
    let id = new_command_id().unwrap();
    home.phone.submit_order(id, Command::Post(Box::new(order)), None).await.map(drop)
}

//! The read model.

use rand::RngExt;

use super::*;
use crate::row::{Cell, Found, Match, Position, Row, Select};

const ORDERS: Table =
    Table { name: "orders", columns: &["state", "urgency", "order"], indexes: &[&["state", "urgency"], &["order"]] };
const LINES: Table = Table { name: "lines", columns: &["item"], indexes: &[] };

#[test]
fn rows_are_found_by_what_they_hold() {
    let mut home = home_with(&[ORDERS, LINES]);
    let made = aggregates(&mut home, 3);
    put(&mut home, made[0], &[order("open", 1), line("rice"), line("oil")]);
    put(&mut home, made[1], &[order("open", 2)]);
    put(&mut home, made[2], &[order("done", Cell::Null)]);
    let states =
        |question: Select| select(&home, &question).iter().map(|found| found.cells[1].clone()).collect::<Vec<_>>();

    let orders = || Select::from("orders");
    assert_eq!(states(orders().is("state", "open").descending("urgency")), [Cell::Int(2), Cell::Int(1)]);
    assert_eq!(states(orders().is("urgency", Cell::Null)), [Cell::Null]);
    assert_eq!(states(orders().and("urgency", Match::IsNot(Cell::Int(1)))), [Cell::Int(2), Cell::Null]);
    assert_eq!(states(orders().and("urgency", Match::Below(Cell::Int(2)))), [Cell::Int(1)]);
    assert_eq!(states(orders().and("urgency", Match::AtLeast(Cell::Int(2)))), [Cell::Int(2)]);
    let among = |cells: &[Cell]| states(orders().and("urgency", Match::Among(cells.to_vec())));
    assert_eq!(among(&[Cell::Int(1), Cell::Null]), [Cell::Int(1), Cell::Null]);
    assert_eq!(among(&[]), []);
    let reference = home.store.reference(Pos(made[0].0)).expect("read").expect("held");
    let lines = select(&home, &Select::from("lines").of(reference));
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|found| found.aggregate == reference) && lines.is_sorted_by_key(|found| found.nth));
    assert_eq!(home.store.count(&orders().is("state", "open").limit(1)), Ok(2));
}

#[test]
fn names_that_were_not_declared_are_refused() {
    let mut home = home_with(&[ORDERS]);
    let made = aggregates(&mut home, 1);
    let column = |column: &str| StoreError::UnknownColumn { table: "orders".to_owned(), column: column.to_owned() };

    assert_eq!(home.store.select(&Select::from("orders").is("1; DROP", 1)), Err(column("1; DROP")));
    assert_eq!(home.store.select(&Select::from("orders").ascending("agg")), Err(column("agg")));
    let table = StoreError::UnknownTable { table: "event".to_owned() };
    assert_eq!(home.store.count(&Select::from("event")), Err(table));
    let mut write = home.store.write().expect("begin");
    let short = Row { table: "orders", cells: vec![] };
    let shape = StoreError::Shape { table: "orders".to_owned(), expected: 3, got: 0 };
    assert_eq!(write.put_rows(made[0], vec![short]).map(drop), Err(shape));
    drop(write);
    let bad = Table { name: "Robert'; DROP", columns: &[], indexes: &[] };
    let elsewhere = tempfile::tempdir().expect("a directory");
    assert!(open(elsewhere.path(), &[bad]).is_err());
}

/// T4: what comes between others moves none of them, however often, and the order is kept.
#[test]
fn a_row_between_others_costs_one_row() {
    let mut home = home_with(&[ORDERS, LINES]);
    let made = aggregates(&mut home, 1);
    let mut lines: Vec<String> = (0..200).map(|nth| format!("{nth:04}")).collect();
    let rows = |lines: &[String]| lines.iter().map(|text| line(text)).collect::<Vec<_>>();
    put(&mut home, made[0], &rows(&lines));
    let mut shown = home.store.numbered_rows(made[0], &[LINES]).expect("rows");
    let before = home.store.view.db.total_changes();

    // Half of them ever at one place, where room runs out.
    for nth in 0..200 {
        let place = if nth % 2 == 0 { 100 } else { nth };
        lines.insert(place, format!("late {nth:04}"));
        let mut write = home.store.write().expect("begin");
        shown = write.replace_rows(made[0], &shown, rows(&lines)).expect("replace");
        write.commit().expect("commit");
    }

    let written = home.store.view.db.total_changes() - before;
    assert!(written < 200 * 40, "{written} rows for 200");
    let kept = home.store.numbered_rows(made[0], &[LINES]).expect("rows");
    assert_eq!(kept, shown);
    assert_eq!(kept.rows, rows(&lines));
}

#[test]
fn replacing_rows_writes_only_what_differs() {
    let mut home = home_with(&[ORDERS, LINES]);
    let made = aggregates(&mut home, 1);
    let old = [order("open", 1), line("rice"), line("oil"), line("salt")];
    let new = [order("open", 1), line("rice"), line("tea")];
    put(&mut home, made[0], &old);
    let old = home.store.numbered_rows(made[0], &[ORDERS, LINES]).expect("rows");

    let before = home.store.view.db.total_changes();
    let mut write = home.store.write().expect("begin");
    write.replace_rows(made[0], &old, new.to_vec()).expect("replace");
    write.commit().expect("commit");

    assert_eq!(home.store.view.db.total_changes() - before, 2, "one changed, one gone");
    let items: Vec<_> = select(&home, &Select::from("lines")).into_iter().map(|found| found.cells).collect();
    assert_eq!(items, [vec![Cell::from("rice")], vec![Cell::from("tea")]]);
}

#[test]
fn pages_never_overlap_and_never_miss() {
    let mut home = home_with(&[ORDERS]);
    let made = aggregates(&mut home, 60);
    let mut dice = ChaCha20Rng::seed_from_u64(5);
    let cell = |dice: &mut ChaCha20Rng| match dice.random_range(0..6) {
        0 => Cell::Null,
        1 => Cell::from("text"),
        2 => Cell::Bytes(vec![1]),
        number => Cell::Int(number),
    };
    for aggregate in made {
        let rows: Vec<_> = (0..dice.random_range(0..4))
            .map(|_| Row { table: "orders", cells: (0..3).map(|_| cell(&mut dice)).collect() })
            .collect();
        put(&mut home, aggregate, &rows);
    }

    let orders = || Select::from("orders");
    for question in [
        orders(),
        orders().ascending("state"),
        orders().descending("state"),
        orders().ascending("state").ascending("urgency"),
        orders().descending("order").ascending("urgency"),
        orders().ascending("urgency").descending("order").ascending("state"),
        orders().is("state", "text").descending("urgency"),
    ] {
        let whole = select(&home, &question);
        assert_eq!(whole.len() as u64, home.store.count(&question).expect("count"));
        for limit in [1, 3, 7] {
            assert_eq!(pages(&home, question.clone(), limit), whole, "{question:?} by {limit}");
        }
    }
}

#[test]
fn a_position_of_another_question_is_refused() {
    let mut home = home_with(&[ORDERS]);
    let made = aggregates(&mut home, 1);
    let aggregate = home.store.reference(Pos(made[0].0)).expect("read").expect("held");
    let mut question = Select::from("orders").ascending("state");

    question.after = Some(Position { keys: vec![], aggregate, nth: 0 });
    let shape = StoreError::Shape { table: "orders".to_owned(), expected: 1, got: 0 };
    assert_eq!(home.store.select(&question), Err(shape));

    let gone = Reference { seq: 77, ..aggregate };
    question.after = Some(Position { keys: vec![Cell::Null], aggregate: gone, nth: 0 });
    assert_eq!(home.store.select(&question), Err(StoreError::NotHeld(gone)));
}

#[test]
fn changed_declarations_make_the_tables_anew() {
    let mut home = home_with(&[ORDERS]);
    assert_eq!(home.store.read_model_stale(), Ok(false));
    let made = aggregates(&mut home, 1);
    put(&mut home, made[0], &[order("open", 1)]);
    home = home.reopen(&[ORDERS]);
    assert_eq!(home.store.read_model_stale(), Ok(false));
    assert_eq!(home.store.count(&Select::from("orders")), Ok(1));

    home = home.reopen(&[ORDERS, LINES]);
    assert_eq!(home.store.read_model_stale(), Ok(true));
    assert_eq!(home.store.count(&Select::from("orders")), Ok(0));
    home = home.reopen(&[ORDERS, LINES]);
    assert_eq!(home.store.read_model_stale(), Ok(true), "until somebody has folded again");

    let mut write = home.store.write().expect("begin");
    write.clear_read_model().expect("clear");
    write.put_rows(made[0], vec![order("open", 1), line("rice")]).expect("put");
    write.finish_read_model().expect("finish");
    write.commit().expect("commit");
    assert_eq!(home.store.read_model_stale(), Ok(false));
    assert_eq!(home.store.count(&Select::from("lines")), Ok(1));
}

fn order(state: &str, urgency: impl Into<Cell>) -> Row {
    Row { table: "orders", cells: vec![state.into(), urgency.into(), Cell::Null] }
}

fn line(item: &str) -> Row {
    Row { table: "lines", cells: vec![item.into()] }
}

fn put(home: &mut Home, aggregate: AggregateId, rows: &[Row]) {
    let mut write = home.store.write().expect("begin");
    write.put_rows(aggregate, rows.to_vec()).expect("put");
    write.commit().expect("commit");
}

fn select(home: &Home, select: &Select) -> Vec<Found> {
    home.store.select(select).expect("a fair question")
}

/// Follows a question page by page to its end.
fn pages(home: &Home, mut question: Select, limit: usize) -> Vec<Found> {
    question.limit = limit;
    let mut all = Vec::new();
    loop {
        let page = select(home, &question);
        let Some(last) = page.last() else { return all };
        let column = |name: &str| ORDERS.columns.iter().position(|column| *column == name).expect("declared");
        let keys = question.order.iter().map(|(name, _)| last.cells[column(name)].clone()).collect();
        question.after = Some(Position { keys, aggregate: last.aggregate, nth: last.nth });
        all.extend(page);
    }
}

//! Bundles: written, taken in, cancelled.

use std::fs;

use linli_core::replica::{Ending, What as BundleContent};
use linli_ffi::{LinliError, home::bundle::Work};

use crate::scene::{Home, board, join};

#[tokio::test]
async fn a_bundle_carries_what_no_pipe_did() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    join(&host.phone, &guest.phone, "Li").await;
    host.post("milk").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("week.linli").to_str().unwrap().to_owned();
    let work = Work::new();

    let device = guest.phone.device().await.unwrap();
    let content = BundleContent::LackedBy { device };
    let written = host.phone.export_bundle(path.clone(), content, Some(work.clone())).await.unwrap();
    assert_eq!(written.bytes, fs::metadata(&path).unwrap().len());
    assert_eq!(work.bytes(), Ok(written.bytes));
    let again = host.phone.export_bundle(path.clone(), BundleContent::All, None).await;
    assert!(matches!(again, Err(LinliError::File { .. })), "a file that is there is left alone");

    let report = guest.phone.import_bundle(path.clone(), None).await.unwrap();
    assert_eq!((report.ending, board(&guest.phone).await), (Ending::Whole, 1));
    let twice = guest.phone.import_bundle(path, None).await.unwrap();
    assert_eq!(twice.new, 0);
    let bytes = host.phone.export_bundle_bytes(BundleContent::All).await.unwrap();
    assert_eq!(guest.phone.import_bundle_bytes(bytes).await.unwrap().ending, Ending::Whole);
}

#[tokio::test]
async fn cancelled_work_leaves_no_file() {
    let host = Home::founded().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("week.linli").to_str().unwrap().to_owned();
    let work = Work::new();
    work.cancel().unwrap();

    let written = host.phone.export_bundle(path.clone(), BundleContent::All, Some(work.clone())).await;
    assert_eq!(written, Err(LinliError::Cancelled));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    host.phone.export_bundle(path.clone(), BundleContent::All, None).await.unwrap();
    assert_eq!(host.phone.import_bundle(path, Some(work)).await, Err(LinliError::Cancelled));
}

#[tokio::test]
async fn what_is_no_bundle_of_ours_is_told() {
    let (host, other) = (Home::founded().await, Home::founded().await);
    let bytes = other.phone.export_bundle_bytes(BundleContent::All).await.unwrap();

    assert_eq!(host.phone.import_bundle_bytes(bytes).await, Err(LinliError::OtherCommunity));
    let nonsense = host.phone.import_bundle_bytes(b"nothing of the kind".to_vec()).await;
    assert!(matches!(nonsense, Err(LinliError::NotABundle { .. })), "{nonsense:?}");
    let absent = host.phone.import_bundle("/nowhere/at/all".to_owned(), None).await;
    assert!(matches!(absent, Err(LinliError::File { .. })), "{absent:?}");
    let nobody = Home::new().await.phone.export_bundle_bytes(BundleContent::All).await;
    assert_eq!(nobody, Err(LinliError::NotAMember));
}

//! What is said of what needs a newer app.

use super::Entry;

/// `newer.WHAT`, and what stands around it.
pub(crate) const NEWER: &[Entry] = &[
    ("screen.update_now", "UPDATE THIS APP NOW.", "请立即更新应用。"),
    ("screen.somebody", "somebody", "某人"),
    (
        "newer.withdrawal",
        "{by} withdrew {about} in a way that this version cannot read whole. {about} is not let in any more and gets no \
         keys, but what {about} wrote behind that still counts here.",
        "{by} 停用了 {about}，此版本无法完整读取。{about} 不能再连接，也不再得到密钥，但其之后写的内容在本机仍然有效。",
    ),
    (
        "newer.removal",
        "{by} took a right from {about} in a way that this version cannot read. Here {about} still has it.",
        "{by} 收回了 {about} 的一项权限，此版本无法读取。在本机 {about} 仍有该权限。",
    ),
    (
        "newer.roster",
        "{by} changed who belongs or who may do what ({events}), and this version cannot read it.",
        "{by} 更改了成员或权限（{events} 条），此版本无法读取。",
    ),
    (
        "newer.erasure",
        "{by} had something erased ({events}) in a way that this version cannot read whole. It may still be shown here.",
        "{by} 删除了一些内容（{events} 条），此版本无法完整读取，本机可能仍在显示。",
    ),
    (
        "newer.recall",
        "{by} recalled a medicine or changed a recall ({events}), and this version cannot read which. Ask before you hand \
         out medicine.",
        "{by} 召回了药品或更改了召回（{events} 条），此版本无法读取是哪一种。发药前请先询问。",
    ),
    (
        "newer.alert",
        "{by} called for help or answered a call ({events}), and this version cannot read it. Ask {by}.",
        "{by} 发出或回应了求助（{events} 条），此版本无法读取。请询问 {by}。",
    ),
    (
        "newer.admission",
        "{by} admitted {about} in a role that this version does not know. What {about} does needs a newer version.",
        "{by} 接纳了 {about}，其角色此版本无法识别。{about} 所做的事需更新应用才能显示。",
    ),
    (
        "newer.other",
        "Of what {by} wrote, {events} need a newer version of the app.",
        "{by} 写的内容中有 {events} 条需更新应用才能显示。",
    ),
];

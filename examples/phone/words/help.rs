//! Help that teaches: an example for every command, and every command in Chinese too.
//!
//! The English sentences stand beside the arguments themselves; here is what is put in their place and behind them.

use clap::Command;

use super::{Lang, arguments::ARGUMENTS};

/// The way of a day, shown by `phone --help`.
const TOUR: &str = "\
A first day, on two homes of one machine:
  phone --home lan found --name Lan
  phone --home lan invite --name Wu            # shows a code, and six digits to compare
  phone --home wu join LINLI:...               # in another window; then say yes in the first
  phone --home wu order post 3-2-1804 --kind medicine --item \"布洛芬 2 盒\"
  phone --home wu board
  phone --home wu order claim a1b2             # the first digits behind the # of lists
  phone --home wu order show a1b2

Exit codes: 0 done, 1 refused or failed, 2 not understood.
With --json the answer is one document on the standard output; an error is one document
{\"error\": {\"code\": ..., \"message\": ...}} on the standard error. A refusal that only warns
names the flag that passes over it in \"retry_with\".";

const TOUR_ZH: &str = "\
第一天（同一台机器上的两个目录）：
  phone --home lan found --name Lan
  phone --home lan invite --name Wu            # 显示邀请码和六位核对数字
  phone --home wu join LINLI:...               # 在另一窗口；然后在第一个窗口确认
  phone --home wu order post 3号楼2单元1804 --kind 药品 --item \"布洛芬 2 盒\"
  phone --home wu board
  phone --home wu order claim a1b2             # 列表中 # 后的前几位
  phone --home wu order show a1b2

退出码：0 成功，1 被拒绝或失败，2 无法理解。
加 --json 时，结果是标准输出上的一个 JSON 文档；错误是标准错误上的
{\"error\": {\"code\": ..., \"message\": ...}}。仅为提醒的拒绝会在 \"retry_with\" 中写明可加的选项。";

/// Path of a command, an example, and what it does in Chinese.
pub(crate) const COMMANDS: &[(&str, &str, &str)] = &[
    ("found", "phone found --name Lan", "建立小区，本机成为第一位网格员"),
    ("id", "phone --home wu id", "打印本机信息，供网格员接纳"),
    ("admit", "phone admit linli-device:… --name Wu --role volunteer", "按对方 id 打印的内容接纳设备，并打印邀请文字"),
    ("welcome", "phone welcome", "再次打印本小区的邀请文字"),
    ("invite", "phone invite --name Wu", "邀请：显示二维码，与对方手机核对六位数字，再确认"),
    ("join", "phone --home wu join LINLI:…", "用对方手机显示的邀请码，或网格员给的邀请文字加入小区"),
    ("kit", "phone --home new kit restore linli:… --with 192.168.1.7:4711", "创建者手机丢失时：恢复词"),
    (
        "kit restore",
        "phone --home new kit restore linli:… --with 192.168.1.7:4711 --name Lan < words",
        "让这部新手机成为网格员；从标准输入读取 24 个恢复词",
    ),
    ("kit words", "phone kit words", "再次显示 24 个恢复词，直到确认抄好为止"),
    ("kit confirm", "phone kit confirm", "确认恢复词已抄好：本机从此不再保存"),
    ("grant", "phone grant Wu leader --building 3", "授予设备权限：楼长、药箱管理员、关爱"),
    ("ungrant", "phone ungrant Wu leader --building 3", "收回权限；此前凭该权限所做的仍然算数"),
    ("revoke", "phone revoke Wu --dry-run", "停用设备，或成员的全部设备：此后所写的在任何手机上都不算数"),
    ("cut", "phone cut Wu", "提高或降低已停用设备的截止处"),
    ("leave", "phone leave", "退出小区（不可撤回），须先把本机所写的交给其他手机"),
    ("wipe", "phone wipe --yes", "删除本机的数据和密钥"),
    ("members", "phone members", "成员、设备与权限"),
    (
        "sync",
        "phone --home wu sync --with 192.168.1.7:4711",
        "同步：与另一部手机（按地址、在附近，或本机上的另一个目录），或与中继",
    ),
    ("listen", "phone listen --at 4711 --nearby", "在网络上等待其他手机，随到随同步；加 --json 时每行一个文档"),
    ("watch", "phone watch --with 192.168.1.7:4711", "同上，并在屏幕上实时显示看板"),
    ("peers", "phone peers", "本机消息有多新；其他手机：上次联系、相差多少、正在传输什么"),
    ("relay", "phone relay list", "居委会的中继：替大家保存和转交消息，自己读不懂任何内容"),
    ("relay add", "phone relay add LINLI-RELAY:… --name office", "按中继显示的码接纳它，并打印让它保存本小区的码"),
    ("relay list", "phone relay list", "中继：在哪里、上次何时联系上、相差多少"),
    ("relay move", "phone relay move office relay.example:4433", "说明中继今后在哪里"),
    ("relay pass", "phone relay pass", "再次打印让中继保存本小区的码"),
    ("bundle", "phone bundle export card/news.linli", "用文件（存储卡、聊天附件）传递消息"),
    ("bundle export", "phone bundle export card/for-wu.linli --for Wu", "把本机数据写成加密文件，带给别的手机"),
    ("bundle import", "phone bundle import card/*.linli", "读入这样的文件：顺序不限，可重复"),
    ("board", "phone board --building 3 --urgency urgent", "看板：订单卡片，最急的在前"),
    ("order", "phone order post 3-2-1804 --kind medicine --item \"布洛芬 2 盒\"", "登记和办理订单"),
    (
        "order post",
        "phone order post 3号楼2单元1804 --kind 药品 --item \"布洛芬 2 盒\" --contact \"张阿姨 13800000000\"",
        "登记订单",
    ),
    ("order edit", "phone order edit a1b2 --set note=每天2片 --set-item 1.qty=3", "修改订单内容"),
    ("order claim", "phone order claim a1b2", "认领订单"),
    ("order release", "phone order release a1b2 --why \"no time today\"", "放弃认领"),
    ("order take-over", "phone order take-over a1b2 --anyway", "接手他人负责的订单"),
    ("order assign", "phone order assign a1b2 Wu", "指派给成员（楼长）"),
    ("order hand-over", "phone order hand-over a1b2 Wu", "提出交给某成员"),
    ("order accept", "phone order accept a1b2", "接受交给你的订单"),
    ("order purchase", "phone order purchase a1b2 --cost 25.80 --got 1=2", "记录已购买"),
    ("order entrust", "phone order entrust a1b2 cash --amount 100", "记录居民托付的医保卡、现金、钥匙"),
    ("order pass-on", "phone order pass-on a1b2 insurance-card --to Wu", "记录成员之间转交"),
    ("order return", "phone order return a1b2 insurance-card", "记录已归还居民"),
    ("order attempt", "phone order attempt a1b2 nobody", "记录上门未成；认领保留"),
    ("order deliver", "phone order deliver a1b2 --at-door --happened-at 09:30", "记录已送达"),
    ("order confirm", "phone order confirm a1b2", "回访确认已送达"),
    ("order reimburse", "phone order reimburse a1b2 25.80", "记录垫付款已结"),
    ("order cancel", "phone order cancel a1b2 --why \"not needed any more\"", "取消订单"),
    ("order reopen", "phone order reopen a1b2", "重新打开已结束的订单"),
    ("order still-needed", "phone order still-needed a1b2", "确认仍然需要"),
    ("order duplicate", "phone order duplicate a1b2 c3d4", "因与另一单重复而结束"),
    ("order comment", "phone order comment a1b2 \"call before you come\"", "留言"),
    ("order move", "phone order move a1b2 5-1-302", "结束并转到正确的楼"),
    (
        "order correct",
        "phone order correct a1b2 e5f6 --withdrawn --why \"tapped by mistake\"",
        "更正一条记录：撤销误点",
    ),
    ("order show", "phone order show a1b2", "订单全部内容与经过"),
    ("round", "phone round", "我的路线：我负责的和等我的，按走楼顺序"),
    ("conflicts", "phone conflicts --code contested", "一切待查：认领争议、不同说法、矛盾"),
    ("choose", "phone choose a1b2 note @2", "在不同说法中选定一个"),
    ("resolve", "phone resolve a1b2 --to Wu", "裁定由谁负责（楼长）"),
    ("search", "phone search 洛芬", "全文搜索"),
    ("box", "phone box show b0c1", "药箱：设立、存取、盘点、查看"),
    ("box open", "phone box open --building 3 --place \"lobby\"", "设立药箱"),
    ("box edit", "phone box edit b0c1 --place \"guard's room\"", "修改位置或备注"),
    ("box donate", "phone box donate b0c1 布洛芬 2 盒 --batch 230501 --expiry 2026-05", "捐入"),
    ("box take", "phone box take b0c1 2 布洛芬 --for 3-2-1804", "取用：按药品先到期先出，或按批次"),
    ("box return", "phone box return b0c1 f0a1 1 --for 3-2-1804", "退回批次"),
    ("box split", "phone box split b0c1 f0a1 1 片 --into-qty 20", "拆成更小的单位"),
    ("box count", "phone box count b0c1 f0a1=12 f0b2=0", "盘点"),
    ("box found", "phone box found b0c1 布洛芬 1 盒 --why damp", "记录不合格药品，立即封存"),
    ("box discard", "phone box discard b0c1 f0a1 1 --why expired", "销毁"),
    ("box send", "phone box send b0c1 f0a1 2 --to d2e3", "调往另一药箱"),
    ("box receive", "phone box receive d2e3 a9b8 2", "清点后签收包裹"),
    ("box quarantine", "phone box quarantine b0c1 f0a1 --why \"looks wet\"", "封存批次"),
    ("box lift", "phone box lift b0c1 f0a1 --why \"is fine\"", "解封批次（管理员）"),
    ("box restock", "phone box restock b0c1 布洛芬 5 盒", "请求补货"),
    ("box low", "phone box low b0c1 布洛芬 盒 --below 3", "设定补货线"),
    ("box limit", "phone box limit b0c1 --qty 2 --days 7", "设定每户限量"),
    ("box close", "phone box close b0c1 --into d2e3 f0a1=12", "关闭药箱，或结转到另一药箱"),
    ("box correct", "phone box correct b0c1 e5f6 --qty 2 --why \"typed 20\"", "更正一条记录"),
    ("box show", "phone box show b0c1 --lot f0a1", "药箱：批次、收支、账目、不提供的及原因"),
    ("box offer", "phone box offer b0c1 布洛芬 2", "会提供什么，不提供什么及原因"),
    ("boxes", "phone boxes", "所有药箱"),
    ("product", "phone product list", "药品与用品目录"),
    ("product list", "phone product list --text 洛芬", "目录，或其中含某词的"),
    (
        "product add",
        "phone product add 布洛芬 --class over-the-counter --unit \"盒=2*板\" --unit \"板=10*片\"",
        "录入药品；不写类别则待楼长确认",
    ),
    ("product edit", "phone product edit 布洛芬 --alias 芬必得", "修改药品信息"),
    ("product withdraw", "phone product withdraw 布洛芬 --why \"listed twice\"", "移出目录"),
    ("product import", "phone product import catalogue.csv", "导入 CSV：name, generic, form, class, aliases"),
    ("product show", "phone product show 布洛芬", "一种药品及其经过"),
    ("recall", "phone recall list", "召回及其涉及的一切"),
    ("recall raise", "phone recall raise 布洛芬 --batch 230501 --issuer \"the maker\"", "召回药品或批次（楼长）"),
    ("recall edit", "phone recall edit c0d1 --batch 230501 --batch 230502", "修改召回"),
    ("recall withdraw", "phone recall withdraw c0d1 --why \"a mistake\"", "撤销召回"),
    ("recall show", "phone recall show c0d1", "召回涉及的药箱、批次、取用、包裹和订单"),
    ("recall list", "phone recall list", "所有召回"),
    ("alert", "phone alert raise fall --at 3-2-1804", "求助与应答"),
    ("alert raise", "phone alert raise chest_pain --at 3-2-1804", "发出求助，只需写明何事"),
    ("alert ack", "phone alert ack a1b2", "我已看到并关注"),
    ("alert respond", "phone alert respond a1b2 --eta 5", "我正在赶去"),
    ("alert stand-down", "phone alert stand-down a1b2 --why \"stuck at the gate\"", "我来不了了"),
    ("alert hand", "phone alert hand a1b2 --note \"to the district hospital\"", "已交给急救"),
    ("alert resolve", "phone alert resolve a1b2 --how helped", "已解除"),
    ("alert again", "phone alert again a1b2 --why \"nobody came\"", "没有解除，或无人前来"),
    ("alert comment", "phone alert comment a1b2 \"door is open\"", "留言"),
    ("alert edit", "phone alert edit a1b2 --text \"second floor\"", "修改内容；空文字表示清除"),
    ("alert correct", "phone alert correct a1b2 e5f6 --why \"tapped by mistake\"", "撤销误点"),
    ("alert list", "phone alert list", "未解除的求助"),
    ("alert show", "phone alert show a1b2", "一条求助：经过、紧急程度、谁已收到"),
    ("household", "phone household visits", "关爱登记：谁需要关爱、是否同意、探访（需关爱权限）"),
    (
        "household add",
        "phone household add 3-2-1804 --person \"Wang=lives alone\" --call \"Li 13800000000\" --check \"blood pressure\" --consent visits --until 2026-12-31",
        "登记住户：谁需要关爱及原因、联系谁、查看什么",
    ),
    (
        "household edit",
        "phone household edit a1b2 --note \"hard of hearing\" --call-order 2,1",
        "修改住户资料；空文字表示清除",
    ),
    ("household list", "phone household list --building 3", "所有住户，按楼和房间"),
    ("household show", "phone household show a1b2", "一户的资料、探访与经过"),
    (
        "household consent",
        "phone household consent a1b2 --purpose visits --until 2026-12-31",
        "记录同意：用途与期限；或撤回",
    ),
    ("household plan", "phone household plan a1b2 --every 2", "安排探访：每隔几天，或某一天（须已同意）"),
    (
        "household post",
        "phone household post a1b2 --carry room,checklist",
        "把待访发布为订单：所有成员可见，只带所选内容",
    ),
    ("household visits", "phone household visits --until 2026-12-31", "逾期的、待访的、待确认的"),
    (
        "household confirm",
        "phone household confirm a1b2 --note \"well, wants milk\"",
        "确认已发布探访的结果，或补记未发布的探访",
    ),
    ("household skip", "phone household skip a1b2 --why \"in hospital\"", "取消一次待访"),
    ("household pair", "phone household pair a1b2 Wu", "结对：以后的探访交给此人"),
    ("household close", "phone household close a1b2 --why \"moved away\"", "关闭住户"),
    ("household correct", "phone household correct a1b2 e5f6 --why \"tapped by mistake\"", "更正探访结果，或撤销误点"),
    ("building", "phone building all", "楼栋登记"),
    ("building list", "phone building list 3号楼 --unit 1:18:4 --unit 2:18:4 --walk 1", "登记楼栋（网格员）"),
    ("building edit", "phone building edit 3 --entrance \"code 4711\"", "修改楼栋信息"),
    ("building retire", "phone building retire 3", "停用楼栋"),
    ("building all", "phone building all", "所有楼栋，按走楼顺序"),
    ("settings", "phone settings show", "小区设置"),
    ("settings show", "phone settings show", "现行设置"),
    (
        "settings set",
        "phone settings set emergency_number=120 lease_urgent_minutes=60",
        "修改设置（网格员）；空值恢复默认",
    ),
    ("settings add-term", "phone settings add-term pets --zh 宠物 --en Pets", "新增需求类别或报告类别"),
    ("settings edit-term", "phone settings edit-term pets --active false", "修改名称或是否提供"),
    ("log", "phone log --limit 20", "经过，最新在后：全部，或某一对象"),
    ("about", "phone about 3-2-1804 --erase", "关于某户的全部资料：查看、导出、删除（网格员）"),
    ("tend", "phone tend", "到期事务：清除三天前删除的内容；网格员的手机还删除早已结束的订单"),
    ("verify", "phone verify", "证明本机数据完整：链、签名、账目、显示"),
    ("rebuild", "phone rebuild", "由日志重建全部显示数据"),
    ("recover", "phone --home wu recover", "数据库损坏、丢失或缺少密钥时：另存一旁，并用能读出的内容重新开始"),
    ("salvage", "phone --home wu salvage", "同步之后，再从另存的数据库中读取本机未发出的内容"),
    ("export", "phone export a1b2 order.automerge", "把文档写成标准 Automerge 文件"),
];

/// Adds examples, and in Chinese puts what commands do in the place of the English.
pub(crate) fn teach(command: Command, lang: Lang) -> Command {
    let command = match lang {
        Lang::Zh => command
            .about("终端里的志愿者手机：小区的需求、共享药箱、召回与求助，保存在本机，与邻居的手机相遇时互通。")
            .after_help(TOUR_ZH),
        Lang::En => command.after_help(TOUR),
    };
    with_examples(command, "", lang)
}

fn with_examples(command: Command, path: &str, lang: Lang) -> Command {
    let command = if lang == Lang::Zh { in_chinese(command) } else { command };
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}").trim_start().to_owned();
        command.mut_subcommand(name, |sub| {
            let sub = match COMMANDS.iter().find(|(known, ..)| *known == path) {
                Some((_, example, zh)) if lang == Lang::Zh => sub.about(*zh).after_help(format!("例如：\n  {example}")),
                Some((_, example, _)) => sub.after_help(format!("Example:\n  {example}")),
                None => sub,
            };
            with_examples(sub, &path, lang)
        })
    })
}

fn in_chinese(command: Command) -> Command {
    command.mut_args(|arg| {
        let known = ARGUMENTS.iter().find(|(id, _)| *id == arg.get_id().as_str());
        match known {
            Some((_, zh)) => arg.help(*zh).long_help(*zh),
            None => arg,
        }
    })
}

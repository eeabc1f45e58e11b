// What codes are called, in English and Chinese: `key | English | 中文`, one on each line. `{name}` is filled in.
// Codes come from the engine and never change, so that a table can grow line by line.

extension Words {
    static let codes = #"""
        status.order.open | open | 待认领
        status.order.claimed | claimed | 已认领
        status.order.purchased | bought | 已购买
        status.order.delivered | delivered | 已送达
        status.order.confirmed | confirmed | 已确认
        status.order.cancelled | cancelled | 已取消
        status.order.moved | moved | 已转移
        status.order.duplicate | duplicate | 重复
        status.alert.raised | nobody has answered | 无人应答
        status.alert.acknowledged | seen | 已看到
        status.alert.responding | on the way | 正在赶去
        status.alert.handed | with an ambulance | 已交急救
        status.alert.resolved | over | 已解除
        urgency.normal | normal | 普通
        urgency.urgent | urgent | 紧急
        urgency.emergency | emergency | 十万火急
        way.app | in the app | 应用内
        way.phone | by telephone | 电话
        way.chat | in a chat | 微信群
        way.paper | on paper | 纸条
        role.coordinator | coordinator | 网格员
        role.volunteer | volunteer | 志愿者
        role.relay | relay | 中继
        role.later | a role that needs a newer app | 需要更新应用才能识别的角色
        right.leader | leader of building {building} | {building} 号楼楼长
        right.keeper | keeper of box {box} | 药箱 {box} 管理员
        right.care | care register | 关爱名册
        class.over_the_counter | over the counter | 非处方药
        class.prescription | prescription | 处方药
        class.device | device | 器械
        class.supply | supply | 用品
        held.parked | waits for something that has not arrived | 等待尚未收到的前序记录
        held.sealed | no key opens it yet | 尚无密钥可解
        held.newer | needs a newer version of the app | 需要更新应用版本
        held.malformed | malformed | 格式错误
        held.unentitled | its author lacked the right | 作者无此权限
        held.stranger | its device is not admitted | 设备未被接纳
        held.cut | beyond where its device was withdrawn | 在设备停用之后
        held.erased | erased | 已删除
        held.silenced | its log has too many branches | 该日志分支过多
        held.crowded | its device has said too much about this | 该设备在此写入过多
        held.missing | its content is gone | 内容缺失
        hidden.empty | nothing is left | 已无剩余
        hidden.quarantined | set aside | 已封存
        hidden.expired | was good until {expiry} | 有效期至 {expiry}，已过期
        hidden.recalled | recalled ({recall}) | 已召回（{recall}）
        hidden.unknown_batch | batch unknown, and batches are recalled ({recall}) | 批号不明，而有批次被召回（{recall}）
        hidden.no_class | no class yet: waits for the keeper | 尚未分类，等待管理员
        hidden.prescription | needs a prescription | 处方药
        hidden.unknown_lot | nobody here knows what it is | 来历不明
        hidden.other_unit | counted in another unit: {unit} | 单位不同：{unit}
        flow.donated | donated | 捐入
        flow.received | received | 调入
        flow.found | found unfit | 发现不合格
        flow.returned | brought back | 退回
        flow.split_in | split in | 拆入
        flow.carried_in | carried in | 结转入
        flow.taken | taken | 取用
        flow.discarded | thrown away | 销毁
        flow.sent | sent | 调出
        flow.split_out | split out | 拆出
        flow.carried_out | carried out | 结转出
        flow.adjusted | adjusted by counts | 盘点调整
        flow.stock | there | 现存
        flow.counted | counted | 盘点
        escalation.answered | answered | 已有人应答
        escalation.fresh | raised a moment ago | 刚刚发出
        escalation.tell_leaders | unanswered: leaders are to be told | 无人应答：应通知楼长
        escalation.tell_coordinators | unanswered: coordinators are to be told | 无人应答：应通知网格员
        escalation.call_emergency_number | unanswered: call the emergency number | 无人应答：请拨打急救电话
        escalation.nobody_has_it | no other phone has it: call the emergency number, knock on doors | 其他手机都没收到：请拨打急救电话，敲邻居的门
        what.chest_pain | chest pain | 胸痛
        what.breathing | hard to breathe | 呼吸困难
        what.unconscious | unconscious | 昏迷
        what.bleeding | bleeding | 大出血
        what.fall | a fall | 摔倒
        what.labour | labour | 临产
        what.dialysis | dialysis | 透析
        what.medicine_out | medicine has run out | 断药
        what.child_fever | a child with fever | 孩子高烧
        what.mental_crisis | mental crisis | 心理危机
        what.missing_person | somebody is missing | 有人走失
        what.fire | fire | 火警
        what.gas | gas | 燃气泄漏
        what.power_or_water | no power or water | 停电停水
        what.other | something else | 其他
        age.fresh | within a day | 一天内
        age.over_a_day | more than a day ago | 超过一天
        age.over_three_days | more than three days ago | 超过三天
        age.never | not yet | 从未
        thing.insurance_card | insurance card | 医保卡
        thing.cash | cash | 现金
        thing.key | key | 钥匙
        thing.other | something else | 其他
        attempt.nobody | nobody answered | 无人应门
        attempt.wrong_address | wrong address | 地址有误
        attempt.refused | refused | 拒收
        how.handed_over | handed over | 当面交付
        how.left_at_door | left at the door | 放在门口
        visit.well | well | 平安
        visit.needs_help | needs help | 需要帮助
        visit.refused | wants no visit | 谢绝探访
        visit.nobody | nobody answered | 无人应答
        visit.wrong_address | wrong address | 地址不对
        reminder.second_coordinator | Appoint a second coordinator before real data goes in. | 请在录入真实资料之前再任命一位网格员。
        field.kind | kind | 类别
        field.urgency | urgency | 紧急程度
        field.unit | unit | 单元
        field.room | room | 房间
        field.contact | contact | 联系人
        field.note | note | 备注
        field.needed_by | needed by | 需要时间
        field.hospital | hospital | 医院
        field.department | department | 科室
        field.appointment | appointment | 预约时间
        field.mobility | mobility | 行动能力
        field.name | name | 名称
        field.qty | quantity | 数量
        field.product | product | 药品
        field.text | text | 内容
        field.place | place | 位置
        field.building | building | 楼号
        field.comment | comment | 留言
        field.why | reason | 原因
        field.what | what | 事由
        field.how | how | 方式
        field.cost_cents | cost | 费用
        field.cents | amount | 金额
        field.amount_cents | amount | 金额
        field.asked_by | who asked | 提出人
        field.label | label | 标签
        field.zh | Chinese name | 中文名
        field.en | English name | 英文名
        field.people | who needs attention | 需关爱的人
        field.phone | number | 电话
        field.purpose | purpose | 用途
        field.checklist | what to look after | 查看事项
        word.open | open | 待认领
        word.claimed | claimed | 已认领
        word.purchased | bought | 已购买
        word.delivered | delivered | 已送达
        word.confirmed | confirmed | 已确认
        word.cancelled | cancelled | 已取消
        word.moved | moved | 已转移
        word.duplicate | a duplicate | 重复
        word.raised | raised | 已发出
        word.acknowledged | seen | 已看到
        word.responding | on the way | 正在赶去
        word.handed | with an ambulance | 已交急救
        word.resolved | over | 已解除
        word.coordinator | coordinator | 网格员
        word.volunteer | volunteer | 志愿者
        word.relay | relay | 中继
        word.member | a member | 成员
        word.author | the author | 登记人
        word.author of the corrected event | who wrote the entry | 该记录的作者
        word.leader of the building | a leader of the building | 本楼楼长
        word.any leader | any leader | 任一楼长
        word.keeper of the box | a keeper of the box | 药箱管理员
        word.care | the care grant | 关爱权限
        word.recovery kit | the recovery kit | 恢复包
        word.the device itself | the device itself | 设备本身
        word.order | order | 订单
        word.box | box | 药箱
        word.product | product | 药品
        word.recall | recall | 召回
        word.alert | alert | 求助
        word.household | household | 住户
        word.well | well | 平安
        word.needs_help | needs help | 需要帮助
        word.nobody | nobody answered | 无人应答
        word.wrong_address | wrong address | 地址不对
        word.building | building | 楼栋
        word.settings | settings | 设置
        word.lot | lot | 批次
        word.parcel | parcel | 包裹
        word.event | entry | 记录
        word.device | device | 设备
        word.item | item | 物品
        word.term | term | 词条
        word.setting | setting | 设置项
        word.thing | thing | 对象
        word.aggregate | thing | 对象
        word.room | room | 房间
        word.unit | unit | 单元
        word.over_the_counter | over the counter | 非处方药
        word.prescription | prescription | 处方药
        word.supply | supply | 用品
        event.order.posted | wrote the order down | 登记了需求
        event.order.edited | changed the order | 修改了内容
        event.order.claimed | took the order on | 认领了
        event.order.released | gave it up | 放弃了认领
        event.order.taken_over | took it over | 接手了
        event.order.assigned | assigned it | 指派了
        event.order.hand_over_offered | offered to hand it over | 提出交接
        event.order.hand_over_accepted | accepted the hand-over | 接受了交接
        event.order.purchased | bought it | 已购买
        event.order.entrusted | was entrusted with something | 收下了居民托付的东西
        event.order.passed_on | passed it on | 转交了
        event.order.returned | gave it back to the resident | 归还给了居民
        event.order.attempted | went there in vain | 上门未成
        event.order.delivered | delivered it | 已送达
        event.order.confirmed | confirmed the delivery | 已回访确认
        event.order.reimbursed | money was paid back | 已结款
        event.order.cancelled | cancelled the order | 取消了需求
        event.order.reopened | opened it again | 重新打开
        event.order.still_needed | said it is still needed | 确认仍然需要
        event.order.duplicate_of | said it is a duplicate | 标为重复
        event.order.commented | said | 留言
        event.order.moved | moved it to another building | 转到了别的楼
        event.order.resolved | decided who holds it | 裁定由谁负责
        event.order.corrected | corrected an entry | 更正了一条记录
        event.box.opened | set the box up | 设立了药箱
        event.box.edited | changed what stands of the box | 修改了药箱信息
        event.box.donated | donated | 捐入
        event.box.taken | took | 取用
        event.box.taken_by_override | took, by a keeper's decision | 由管理员特批取用
        event.box.returned | brought back | 退回
        event.box.split | split a lot | 拆分
        event.box.counted | counted | 盘点
        event.box.found | found unfit goods | 发现不合格药品
        event.box.discarded | threw away | 销毁
        event.box.sent | sent to another box | 调出
        event.box.received | received from another box | 调入
        event.box.quarantined | set a lot aside | 封存
        event.box.quarantine_lifted | let a lot go again | 解封
        event.box.restock_asked | asked for more | 请求补货
        event.box.restock_set | set when stock is low | 设定补货线
        event.box.limit_set | set a limit for households | 设定每户限量
        event.box.closed | closed the box | 关闭了药箱
        event.box.carried_over | carried goods over | 结转
        event.box.corrected | corrected an entry | 更正了一条记录
        event.product.listed | listed the product | 录入了药品
        event.product.proposed | proposed the product | 提议了药品
        event.product.edited | changed the product | 修改了药品信息
        event.product.withdrawn | took the product out of the catalogue | 将药品移出目录
        event.erasure.erased | erased | 删除
        event.recall.raised | raised the recall | 发起召回
        event.recall.edited | changed the recall | 修改了召回
        event.recall.withdrawn | ended the recall | 撤销了召回
        event.alert.raised | called for help | 发出求助
        event.alert.acknowledged | has seen it | 已看到
        event.alert.responding | is on the way | 正在赶去
        event.alert.handed_to_ambulance | handed over to an ambulance | 已交给急救
        event.alert.resolved | said it is over | 宣布已解除
        event.alert.raised_again | called for help again | 再次求助
        event.alert.commented | said | 留言
        event.alert.corrected | corrected an entry | 更正了一条记录
        event.alert.edited | changed the alert | 修改了求助内容
        event.building.listed | put the building into the register | 登记了楼栋
        event.building.edited | changed the building | 修改了楼栋信息
        event.building.retired | retired the building | 停用了楼栋
        event.settings.created | made the settings | 建立了设置
        event.settings.edited | changed the settings | 修改了设置
        event.household.registered | put the household into the register | 登记了住户
        event.household.edited | changed what stands of the household | 修改了住户资料
        event.household.consented | wrote down that they agree | 记录了同意
        event.household.consent_withdrawn | wrote down that they agree no longer | 记录了撤回同意
        event.household.planned | planned visits | 安排了探访
        event.household.plan_ended | ended a plan | 结束了一项安排
        event.household.posted | posted a visit as an order | 发布了探访
        event.household.visited | wrote down a visit | 记录了探访
        event.household.skipped | left a visit out | 取消了一次探访
        event.household.paired | paired a visitor | 安排了结对
        event.household.unpaired | ended a pairing | 解除了结对
        event.household.closed | closed the household | 关闭了住户
        event.household.corrected | corrected an entry | 更正了一条记录
        event.roster.founded | founded the community | 建立了小区
        event.roster.admitted | admitted a device | 接纳了设备
        event.roster.granted | gave a right | 授予了权限
        event.roster.grant_removed | took a right away | 收回了权限
        event.roster.revoked | withdrew a device | 停用了设备
        event.roster.left | left | 退出了
        event.roster.keys_sealed | gave out keys | 发放了密钥
        event.roster.key_rotated | replaced their key | 更换了自己的密钥
        event.roster.resumed | went on after a restore | 恢复后继续
        event.roster.relay_moved | moved a relay | 更改了中继的地址
        review.conflicting_edit | people disagree about {field}: {values} | 对「{field}」有不同说法：{values}
        review.conflicting_removal | an item was removed by one and changed by another | 一件物品被一人删除、被另一人修改
        review.contested | claimed by several: {holder} holds it, and so believes {contenders} | 多人认领：{holder} 负责，{contenders} 也认为自己在负责
        review.assigned_differently | assigned to two people at the same time: {holder} and {other} | 同时指派给了两人：{holder} 和 {other}
        review.confirmed_differently | confirmed differently: order {order} | 对订单 {order} 的结果说法不同
        review.nobody_reached | nobody was reached on {day}, by {by} | {day} {by} 探访未见到人
        review.posted_without_consent | order {order} stands without their consent | 未经同意已发布订单 {order}
        review.delivered_twice | delivered twice, by {by} | 送达了两次：{by}
        review.delivered_after_cancel | delivered by {by} although ended by {ended_by} | {ended_by} 结束后，{by} 仍送达了
        review.purchased_after_cancel | bought by {by} although ended by {ended_by} | {ended_by} 结束后，{by} 仍购买了
        review.confirmed_without_delivery | confirmed by {by} without a delivery | {by} 确认了，但没有送达记录
        review.overpaid | more was paid back ({reimbursed}) than laid out ({cost}), in cents | 结款（{reimbursed} 分）多于垫付（{cost} 分）
        review.things_do_not_add_up | what was entrusted does not add up | 托付的东西对不上
        review.claim_on_closed | {member} took it on not knowing that it had ended | {member} 不知已结束而认领了
        review.went_on_beside_the_holder | {member} went on while {holder} holds it | {holder} 负责时，{member} 仍在办
        review.corrections_differ | corrections of {event} say different things | 对 {event} 的更正互相矛盾
        review.unknown_lot | nobody here knows what lot {lot} is ({qty}) | 无人知道批次 {lot} 是什么（{qty}）
        review.uncertain_lot | lot {lot}: uncertain, count again ({qty}) | 批次 {lot} 数量不确定，请重新盘点（{qty}）
        review.shortfall | lot {lot}: {missing} fewer than nothing | 批次 {lot} 短缺 {missing}
        review.moved_after_closing | lot {lot} moved after the box was closed ({qty}) | 药箱关闭后批次 {lot} 仍有进出（{qty}）
        review.received_twice | parcel {sent} was received twice | 包裹 {sent} 被签收了两次
        review.transfer_difference | parcel {sent}: {sent_qty} sent, {received_qty} received | 包裹 {sent}：发出 {sent_qty}，收到 {received_qty}
        review.received_elsewhere | parcel {sent} is for box {to} | 包裹 {sent} 应送往药箱 {to}
        review.limit_exceeded | a household took {taken} of {product}, {limit} in {days} days are allowed | 一户取用了 {taken}（{product}），限 {days} 天 {limit}
        review.class_contested | people gave different classes: {classes} | 类别说法不一：{classes}
        review.withdrawal_contested | somebody withdrew the recall ({why}), somebody else stands by it | 有人撤销召回（{why}），也有人坚持
        review.resolved_while_raised_again | said to be over by {by}, who did not know it was raised again | {by} 宣布解除时不知已再次求助
        review.handed_while_raised_again | handed over by {by}, who did not know it was raised again | {by} 交给急救时不知已再次求助
        refusal.order.target | Only posting makes an order; all else needs one. | 只有登记会新建订单，其他操作需要指明订单。
        refusal.order.ended | The order has ended: {status}. | 订单已结束：{status}。
        refusal.order.not_ended | The order has not ended. | 订单尚未结束。
        refusal.order.goes_on | The order goes on as {to}. | 订单已转为 {to}。
        refusal.order.held_by | {holder} holds the order, since {since}. | {holder} 正在负责此单（自 {since}）。
        refusal.order.not_yours | You do not hold the order. | 此单不由你负责。
        refusal.order.already_yours | You hold the order already. | 此单已由你负责。
        refusal.order.not_held | Nobody holds the order: claim it. | 此单无人负责，请认领。
        refusal.order.to_oneself | That would be handed to the same person. | 不能交给自己。
        refusal.order.no_offer | No such hand-over is offered to you. | 没有这样的交接提议。
        refusal.order.not_contested | Nobody contests the order. | 此单没有争议。
        refusal.order.not_a_claimant | {member} does not claim the order. | {member} 没有认领此单。
        refusal.order.not_delivered | The order is not delivered. | 此单尚未送达。
        refusal.order.nothing_changes | Nothing would change. | 没有任何改动。
        refusal.order.missing | {field} is needed. | 缺少「{field}」。
        refusal.order.unknown_kind | No kind of order is called {kind}; there are: {offered}. | 没有「{kind}」这种需求类型；可用：{offered}。
        refusal.order.nothing_asked | Neither an item nor a note says what is asked for. | 没有写明需要什么（物品或备注）。
        refusal.order.too_long | {field} has {got} bytes; at most {limit} are allowed. | 「{field}」有 {got} 字节，最多 {limit}。
        refusal.order.too_many | {got} changes at once; at most {limit} are allowed. | 一次改动 {got} 处，最多 {limit}。
        refusal.order.out_of_bounds | {field} is {got}; it must lie between 1 and {limit}. | 「{field}」为 {got}，须在 1 到 {limit} 之间。
        refusal.order.amount | Cash has an amount, nothing else has. | 现金须写金额，其他不写。
        refusal.order.unknown_field | There is no field {field}. | 没有「{field}」这一项。
        refusal.order.wrong_value | {field} does not take such a value. | 「{field}」不能是这样的值。
        refusal.order.unknown_item | There is no such item. | 没有这件物品。
        refusal.order.no_conflict | Nobody disagrees there. | 这里没有不同说法。
        refusal.order.unknown_order | There is no order {order}. | 没有订单 {order}。
        refusal.order.same_order | An order is no duplicate of itself. | 订单不能与自己重复。
        refusal.order.same_building | The order stands in that building already: edit the address. | 已在该楼，请改地址。
        refusal.order.unknown_event | There is no entry {event} to correct. | 没有可更正的记录 {event}。
        refusal.order.does_not_fit | An entry of that kind cannot be corrected so. | 这类记录不能这样更正。
        refusal.order.warn_ended | The order has ended: {status}. | 订单已结束：{status}。
        refusal.order.warn_delivered | {by} delivered it already, at {when}. | {by} 已于 {when} 送达。
        refusal.order.warn_held_by | {holder} holds the order. | {holder} 正在负责此单。
        refusal.order.warn_purchased | {by} has bought it already. | {by} 已经买了。
        refusal.order.warn_lease_runs | {holder} holds the order since {since}, and the time for it has not run out. | {holder} 自 {since} 负责此单，时限未到。
        refusal.order.warn_not_entrusted | As far as is known {member} does not have it, or not as much. | 据记录 {member} 手上没有，或没有这么多。
        refusal.order.warn_overpaid | Only {owed} cents are owed. | 只欠 {owed} 分。
        refusal.order.unanswered | The store could not answer: {reason} | 数据库未能回答：{reason}
        refusal.box.target | Only opening makes a box; all else needs one. | 只有设立会新建药箱，其他操作需要指明药箱。
        refusal.box.closed | The box is closed. | 药箱已关闭。
        refusal.box.unknown_lot | No lot {lot} is in this box. | 此药箱没有批次 {lot}。
        refusal.box.unknown_product | Product {product} is not in the catalogue. | 目录中没有药品 {product}。
        refusal.box.product_withdrawn | Product {product} was taken out of the catalogue. | 药品 {product} 已移出目录。
        refusal.box.prescription | It needs a prescription: boxes neither take nor give it. | 处方药不进出共享药箱。
        refusal.box.expired | It was good until {expiry}. | 有效期至 {expiry}，已过期。
        refusal.box.opened_package | The package was opened, and the blister is not intact. | 包装已拆且铝箔不完整。
        refusal.box.quantity | {qty} is not a quantity from {least} to {most}. | 数量 {qty} 不在 {least} 到 {most} 之间。
        refusal.box.lots | No lots, too many, or one named twice. | 未指明批次、过多，或重复。
        refusal.box.empty | {field} is needed. | 缺少「{field}」。
        refusal.box.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.box.unfit | Lot {lot} is not to be handed out: {why}. | 批次 {lot} 不可发放：{why}。
        refusal.box.more_than_there | There are {there} of lot {lot}, not {asked}. | 批次 {lot} 只有 {there}，不足 {asked}。
        refusal.box.not_enough | {missing} of {asked} are missing. Kept back: {hidden} | 缺 {missing}（需要 {asked}）。未提供：{hidden}
        refusal.box.no_lot | There is no lot of product {product} to name. | 没有药品 {product} 的批次。
        refusal.box.over_limit | The household took {taken} in {days} days already; {limit} are allowed, {asked} are asked for. | 该户 {days} 天内已取 {taken}，限 {limit}，又要 {asked}。
        refusal.box.room_needed | A limit holds here: say for which room. | 此处有限量，请写明房间。
        refusal.box.units_unknown | The catalogue does not say how many {into} are in one {unit}. | 目录没有写一{unit}有几{into}。
        refusal.box.unknown_box | There is no box {to}. | 没有药箱 {to}。
        refusal.box.same_box | That is this box. | 就是这个药箱。
        refusal.box.not_for_this_box | The parcel is for box {to}. | 包裹是给药箱 {to} 的。
        refusal.box.already_received | The parcel was received already: {receipt}. | 包裹已签收：{receipt}。
        refusal.box.unknown_parcel | Parcel {sent} is not known here: say what stands on it. | 此处不知包裹 {sent}，请写明标签内容。
        refusal.box.not_quarantined | Lot {lot} is not set aside. | 批次 {lot} 没有被封存。
        refusal.box.period | A period has 1 to {most} days. | 周期须为 1 到 {most} 天。
        refusal.box.still_stocked | {lots} lots are left in the box. | 药箱里还有 {lots} 个批次。
        refusal.box.not_correctable | Entry {event} has nothing that could be corrected so. | 记录 {event} 不能这样更正。
        refusal.box.nothing | Nothing would change. | 没有任何改动。
        refusal.box.store | The store could not answer: {reason} | 数据库未能回答：{reason}
        refusal.product.target | Only adding makes a product; all else needs one. | 只有录入会新建药品，其他操作需要指明药品。
        refusal.product.no_name | A product needs a name. | 药品须有名称。
        refusal.product.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.product.too_many | {got} {what}; at most {limit}. | {what} 有 {got} 个，最多 {limit}。
        refusal.product.barcode | A barcode has up to 32 letters and digits. | 条码至多 32 个字母或数字。
        refusal.product.unit | The unit {unit} does not fit the others. | 单位「{unit}」与其他单位不合。
        refusal.product.nothing | Nothing would change. | 没有任何改动。
        refusal.product.withdrawn | The product was taken out of the catalogue. | 药品已移出目录。
        refusal.product.store | The store could not answer: {reason} | 数据库未能回答：{reason}
        refusal.recall.target | Only raising makes a recall; all else needs one. | 只有发起会新建召回，其他操作需要指明召回。
        refusal.recall.unknown_product | Product {product} is not in the catalogue. | 目录中没有药品 {product}。
        refusal.recall.batches | A recall names 1 to {limit} batches, or all. | 召回须写 1 到 {limit} 个批号，或全部。
        refusal.recall.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.recall.nothing | Nothing would change. | 没有任何改动。
        refusal.recall.withdrawn | The recall was ended. | 召回已撤销。
        refusal.recall.store | The store could not answer: {reason} | 数据库未能回答：{reason}
        refusal.alert.unknown_what | {what} is nothing an alert can be about. | 「{what}」不是求助类别。
        refusal.alert.not_a_code | {field} is no code: lower-case letters, digits and _, at most {limit} bytes. | 「{field}」须为小写字母、数字和 _，至多 {limit} 字节。
        refusal.alert.empty | {field} is needed. | 缺少「{field}」。
        refusal.alert.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.alert.label | {field}: {why} | 「{field}」：{why}
        refusal.alert.too_late | {minutes} minutes are more than {limit}. | {minutes} 分钟超过 {limit}。
        refusal.alert.over | The alert is over. Whoever thinks otherwise raises it again. | 求助已解除。若并非如此，请再次求助。
        refusal.alert.contradicts | The alert already says: {status}. | 求助已是：{status}。
        refusal.alert.already_answered | You have answered. | 你已应答。
        refusal.alert.nothing_to_take_back | You have no answer to take back. | 你没有可收回的应答。
        refusal.alert.no_such_event | There is no entry {event} here. | 没有记录 {event}。
        refusal.alert.not_correctable | Entry {event} cannot be corrected to this. | 记录 {event} 不能这样更正。
        refusal.alert.nothing_changed | Nothing would change. | 没有任何改动。
        refusal.alert.no_alert | Which alert? | 哪一条求助？
        refusal.alert.not_new | A new alert is not raised on an old one. | 新的求助不能写在旧的上。
        refusal.alert.store | The store could not answer: {message} | 数据库未能回答：{message}
        refusal.household.no_household | Which household? | 哪一户？
        refusal.household.not_new | A new household is not registered on an old one. | 新住户不能登记在旧住户上。
        refusal.household.closed | The household is closed. | 该住户已关闭。
        refusal.household.no_consent | They have not agreed: write down their consent first. | 住户尚未同意：请先记录同意。
        refusal.household.consent_ended | They agreed until {until}: ask again. | 同意已于 {until} 到期：请再次征求。
        refusal.household.nothing_to_withdraw | There is no consent to withdraw. | 没有可撤回的同意。
        refusal.household.label | {field}: {why} | 「{field}」：{why}
        refusal.household.missing | {field} is needed. | 缺少「{field}」。
        refusal.household.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.household.too_many | {got} changes at once; at most {limit} are allowed. | 一次改动 {got} 处，最多 {limit}。
        refusal.household.too_many_contacts | At most {limit} contacts are called. | 联系人至多 {limit} 位。
        refusal.household.no_such_item | There is no entry {item}. | 没有 {item} 这一项。
        refusal.household.nothing_changes | Nothing would change. | 没有任何改动。
        refusal.household.period | Days from one visit to the next lie between 1 and {limit}. | 间隔天数须在 1 到 {limit} 之间。
        refusal.household.not_due | No visit is due on {due}. | {due} 没有待访。
        refusal.household.unknown_plan | There is no plan {plan}. | 没有安排 {plan}。
        refusal.household.already_paired | They are paired already. | 已结对。
        refusal.household.not_paired | They are not paired. | 没有结对。
        refusal.household.order_refused | The order cannot be posted: {reason} | 无法发布订单：{reason}
        refusal.household.not_correctable | Entry {event} cannot be corrected to this. | 记录 {event} 不能这样更正。
        refusal.household.warn_no_consent | They have not agreed to visits, or no longer. | 住户没有同意探访，或同意已到期。
        refusal.household.warn_closed | The household is closed. | 该住户已关闭。
        refusal.household.warn_confirmed | {by} confirmed the outcome of that order ({when}). | {by} 已确认该订单的结果（{when}）。
        refusal.household.warn_other_order | As far as is known {order} is no order for this household. | 据本机所知，{order} 不是这户的订单。
        refusal.household.warn_to_come | {day} is still to come. | {day} 还没有到。
        refusal.household.store | The store could not answer: {message} | 数据库未能回答：{message}
        refusal.building.label | {part}: {why} | 「{part}」：{why}
        refusal.building.already_listed | Building {label} is in the register. | {label} 号楼已登记。
        refusal.building.already_there | {label} is there already. | {label} 已存在。
        refusal.building.no_such_item | There is no such unit or room. | 没有这个单元或房间。
        refusal.building.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.building.too_many | {got} changes at once; at most {limit} are allowed. | 一次改动 {got} 处，最多 {limit}。
        refusal.building.out_of_range | {field} must lie between {least} and {most}. | 「{field}」须在 {least} 到 {most} 之间。
        refusal.building.retired | The building is no longer used: list it anew. | 该楼已停用，请重新登记。
        refusal.building.nothing_changed | Nothing would change. | 没有任何改动。
        refusal.building.no_building | Which building? | 哪一栋楼？
        refusal.building.not_new | A new building is not listed on an old one. | 新楼不能登记在旧楼上。
        refusal.building.store | The store could not answer: {message} | 数据库未能回答：{message}
        refusal.settings.already_made | The settings are made already. | 设置已建立。
        refusal.settings.not_a_code | {term} is no code: lower-case letters, digits and _, at most {limit} bytes. | 「{term}」须为小写字母、数字和 _，至多 {limit} 字节。
        refusal.settings.already_there | {term} is there already. | 「{term}」已存在。
        refusal.settings.no_such_term | There is no such term. | 没有这个词条。
        refusal.settings.empty | {field} is needed. | 缺少「{field}」。
        refusal.settings.too_long | {field} is longer than {limit} bytes. | 「{field}」超过 {limit} 字节。
        refusal.settings.too_many | {got} changes at once; at most {limit} are allowed. | 一次改动 {got} 处，最多 {limit}。
        refusal.settings.out_of_range | {field} must lie between {least} and {most}. | 「{field}」须在 {least} 到 {most} 之间。
        refusal.settings.nothing_changed | Nothing would change. | 没有任何改动。
        refusal.settings.not_made | The settings are not made yet. | 设置尚未建立。
        refusal.settings.store | The store could not answer: {message} | 数据库未能回答：{message}
        refusal.roster.not_admitted | Device {device} does not belong to the community. | 设备 {device} 不属于本小区。
        refusal.roster.not_allowed | Your role does not let you do this; it needs: {needs}. | 你的角色不能这样做，需要：{needs}。
        refusal.roster.unknown_device | Device {device} is unknown. | 没有设备 {device}。
        refusal.roster.unknown_member | Member {member} is unknown. | 没有成员 {member}。
        refusal.roster.already_admitted | Device {device} is admitted already. | 设备 {device} 已被接纳。
        refusal.roster.withdrawn | Device {device} was withdrawn for good: a new key is needed. | 设备 {device} 已永久停用，需要新的密钥。
        refusal.roster.role | Not for a device of the role {role}. | 角色为 {role} 的设备不可以。
        refusal.roster.already_granted | The device has that right already. | 该设备已有此权限。
        refusal.roster.not_granted | The device does not have that right. | 该设备没有此权限。
        refusal.roster.rank | Device {device} is higher in rank. | 设备 {device} 级别更高。
        refusal.roster.not_revoked | Device {device} was not revoked. | 设备 {device} 未被停用。
        refusal.roster.not_fallen | {event} is no withdrawal that falls with this one. | {event} 不是因此失效的停用。
        refusal.roster.last_coordinator | This is the last coordinator's phone: admit another coordinator first. | 这是最后一位网格员的手机：请先接纳另一位网格员。
        refusal.roster.no_key | No key is held to seal under. | 没有可用的密钥。
        refusal.roster.recipient | The keys of device {device} are unusable. | 设备 {device} 的密钥不可用。
        refusal.roster.malformed | That passes a limit: {what} | 超出限制：{what}
        refusal.erasure.kept | This is kept; a box is first closed and carried over. | 此项不能删除；药箱须先关闭并结转。
        address.empty | No address is written. | 没有写地址。
        address.too_long | The address is longer than {limit} bytes. | 地址超过 {limit} 字节。
        address.no_number | There is no number in the address. | 地址里没有号码。
        address.unknown_word | {word} is no part of an address. | 「{word}」不是地址的一部分。
        address.unreadable | {text} cannot be read as an address. | 看不懂「{text}」。
        address.no_building | The building is missing. | 缺少楼号。
        address.twice | The {part} is there twice. | 「{part}」写了两次。
        address.too_many_parts | More numbers than building, unit and room. | 号码多于楼、单元、室。
        """#
}

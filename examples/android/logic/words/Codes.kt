package org.linli.sample.words

/** Statuses, things to look at, reasons to hold, fields and kinds. */
internal const val CODES = """
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
visit.well | well | 平安
visit.needs_help | needs help | 需要帮助
visit.refused | wants no visit | 谢绝探访
visit.nobody | nobody answered | 无人应答
visit.wrong_address | wrong address | 地址不对
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
"""

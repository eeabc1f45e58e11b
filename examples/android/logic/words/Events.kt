package org.linli.sample.words

/** `event.AGGREGATE.CODE`: what somebody did. */
internal const val EVENTS = """
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
"""

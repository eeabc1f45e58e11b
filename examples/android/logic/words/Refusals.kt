package org.linli.sample.words

/** `refusal.AGGREGATE.CODE`: why a wish was refused, or what speaks against it. */
internal const val REFUSALS = """
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
refusal.alert.unknown_what | {what} is nothing a call for help can be about. | 「{what}」不是求助类别。
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
refusal.erasure.kept | A {kind} is kept ({aggregate}); a box is first closed and carried over. | {kind}不能删除（{aggregate}）；药箱须先关闭并结转。
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
address.empty | No address is written. | 没有写地址。
address.too_long | The address is longer than {limit} bytes. | 地址超过 {limit} 字节。
address.no_number | There is no number in the address. | 地址里没有号码。
address.unknown_word | {word} is no part of an address. | 「{word}」不是地址的一部分。
address.unreadable | {text} cannot be read as an address. | 看不懂「{text}」。
address.no_building | The building is missing. | 缺少楼号。
address.twice | The {part} is there twice. | 「{part}」写了两次。
address.too_many_parts | More numbers than building, unit and room. | 号码多于楼、单元、室。
"""

//! The people of the stories, by the order in which their phones come into a world.
//!
//! Lan founds the community. The others are whom she admits: volunteers where [`World::community`](crate::World::community)
//! makes it.

/// Lan Xiaoyun, who founds the community.
pub const LAN: usize = 0;
/// Wu, who comes first.
pub const WU: usize = 1;
/// Mei, who comes second.
pub const MEI: usize = 2;
/// Zhao Guoqiang, who comes third.
pub const ZHAO: usize = 3;
/// Chen, who comes fourth.
pub const CHEN: usize = 4;
/// Lin, who comes fifth.
pub const LIN: usize = 5;
/// Hua, who comes sixth.
pub const HUA: usize = 6;

//! The tests, stage by stage.
//!
//! A file for each part of a lab holds its tests (`raft_2a` to `shard_4b`), and `list` gathers them. The
//! others are what several suites use: calls of clients and their checks, load, and exact schedules.

mod churn_clients;
mod client_traffic;
mod ctrler_changes;
mod ctrler_session;
mod expect;
mod kv_3a;
mod kv_3a_calls;
mod kv_3b;
mod kv_3c;
mod kv_3c_hand_over;
mod kv_3c_stale;
mod kv_calls;
mod kv_load;
mod kv_speed;
mod leader_steps;
mod limits;
mod list;
mod log_checks;
mod member_steps;
mod raft_2a;
mod raft_2a_majorities;
mod raft_2a_timers;
mod raft_2a_votes;
mod raft_2b;
mod raft_2b_absence;
mod raft_2b_applying;
mod raft_2b_conflicts;
mod raft_2b_costs;
mod raft_2b_elections;
mod raft_2c;
mod raft_2c_churn;
mod raft_2c_figure8;
mod raft_2c_pauses;
mod raft_2c_saves;
mod raft_2d;
mod raft_2d_behind;
mod raft_2d_crashes;
mod raft_2d_late;
mod raft_2d_replies;
mod raft_2d_terms;
mod raft_2e;
mod raft_2e_flow;
mod raft_2e_partial;
mod raft_2e_transfer;
mod raft_2f;
mod raft_2f_churn;
mod raft_2f_faults;
mod read_steps;
mod script;
mod shard_4a;
mod shard_4a_calls;
mod shard_4b;
mod shard_4b_calls;
mod shard_4b_challenges;
mod shard_4b_load;
mod shard_4b_moves;
mod shard_configs;
mod shard_load;
mod shard_values;
mod snapshot_steps;
mod value_checks;
mod worker;

pub use list::all;

//! Whatever an instructor gets wrong is said in sentences that name the thing and the fix, before anything is compiled
//! or written.

mod bench;
mod compare;
mod export;
mod handout;
mod options;
mod permissions;
mod places;
mod repeat;
mod report;
mod results;
mod run;
mod scripts;
mod split;

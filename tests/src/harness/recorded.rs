//! What the recording of a run shows of messages.

use labrpc::{Event, EventKind, Leg};

use crate::runner::{Happening, record, record_sent};

/// Records what happens to a message.
pub(crate) fn message(event: &Event<'_>) {
    let message = event.message;
    let id = message.id.0;
    match event.kind {
        EventKind::Sent => record_sent(message.bytes, || Happening::Sent {
            message: id,
            call: message.call.0,
            leg: match message.leg {
                Leg::Request => recording::Leg::Request,
                Leg::Reply => recording::Leg::Reply,
            },
            from: message.from.to_owned(),
            to: message.to.to_owned(),
            method: message.method.to_owned(),
            bytes: message.bytes.len() as u64,
            text: None,
        }),
        EventKind::Delivered => record(|| Happening::Delivered { message: id }),
        EventKind::Dropped(reason) => {
            record(|| Happening::Lost { message: id, reason: reason.describe().to_owned() });
        }
        // Only requests are duplicated.
        EventKind::Duplicated => {
            record(|| Happening::Duplicated { message: id, of: message.call.0 })
        }
        EventKind::Held => record(|| Happening::Held { message: id }),
        EventKind::Released => record(|| Happening::Released { message: id }),
        EventKind::Unanswered(why) => record(|| Happening::Unanswered {
            call: message.call.0,
            caller: message.from.to_owned(),
            reason: why.map_or("timed out", |why| why.describe()).to_owned(),
        }),
    }
}

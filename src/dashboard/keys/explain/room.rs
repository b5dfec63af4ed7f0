//! The caps that a call is charged to, as the database counts them: used, left, when room frees.

use crate::dashboard::keys::explain::names::LIMITS;
use crate::dashboard::keys::explain::names::PLAN;
use crate::dashboard::keys::explain::walk::CREDITS;
use crate::dashboard::keys::explain::walk::Line;
use crate::dashboard::keys::explain::walk::Walk;
use crate::dashboard::keys::limit_rows;
use crate::dashboard::keys::settings_words;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::catalogue::Offer;
use crate::domain::judgement::grant::Cost;
use crate::domain::judgement::room;
use crate::domain::lease::Span;
use crate::domain::lease::SpanState;
use crate::domain::lease::Subject;
use crate::domain::meter::CREDITS as CREDITS_METER;
use crate::domain::meter::REQUESTS;
use crate::domain::plan::RateWindow;

/// One cap.
pub struct RoomRow {
    pub label: String,
    /// "1,640 of 2,000"
    pub used: String,
    pub left: String,
    /// "Room frees in 12 minutes"; empty where that says nothing.
    pub frees: String,
    pub is_full: bool,
}

/// What a call by `key` that costs `cost` may be charged to.
pub fn subjects(key: Subject, cost: &Cost) -> Vec<Subject> {
    let mut subjects = vec![key, Subject::Rate];
    subjects.extend(meters(cost).map(|slug| Subject::Meter(slug.into())));
    subjects
}

/// By slug, as they are charged.
fn meters(cost: &Cost) -> impl Iterator<Item = &str> {
    let mut slugs: Vec<&str> = cost.meters().iter().map(|(slug, _)| &**slug).collect();
    slugs.extend([REQUESTS, CREDITS_METER]);
    slugs.sort_unstable();
    slugs.dedup();
    slugs.into_iter()
}

pub fn key_line(walk: &Walk<'_>) -> Line {
    let line = |words: &str| Line::new(LIMITS, words);
    if walk.key.limits.are_none() {
        return line("It has none.");
    }
    let subject = Subject::Key(walk.key.id);
    let states = states_of(walk, &subject);
    let rows = limit_rows::rows(&walk.key.limits, Some(states), walk.now);
    let rooms = rows
        .into_iter()
        .map(|row| RoomRow {
            label: row.label.to_owned(),
            used: row.used,
            left: row.left,
            frees: row.frees,
            is_full: row.is_reached,
        })
        .collect();
    let full = states.iter().find(|state| !room::has_room(state, 1));
    let line = match full {
        None => line("Each of them has room."),
        Some(state) => {
            let words = match state.span {
                Span::Key(window) => limit_rows::reached_words(window),
                Span::Rate(_) | Span::Meter(_) => "A limit is reached",
            };
            let remedy = match state.frees_in {
                Some(_) => format!(
                    "{}, or raise the limit when you edit the key.",
                    frees(walk, state)
                ),
                None => "Raise or lift the limit when you edit the key.".to_owned(),
            };
            line(&format!("{words}.")).refused(room::refusal(&subject, state.span), remedy)
        }
    };
    Line { rooms, ..line }
}

pub fn plan_line(walk: &Walk<'_>, cost: &Cost) -> Line {
    let line = |words: String| Line::new(PLAN, words);
    let mut rooms = Vec::new();
    let mut refused = None;
    let mut capped = false;
    let meters = meters(cost).map(|slug| (Subject::Meter(slug.into()), cost.amount(slug, CREDITS)));
    for (subject, amount) in [(Subject::Rate, 1)].into_iter().chain(meters) {
        for state in states_of(walk, &subject) {
            let Some(cap) = state.cap else { continue };
            capped = true;
            let fits = room::has_room(state, amount);
            rooms.push(row(walk, (&subject, state, cap), !fits));
            if !fits && refused.is_none() {
                refused = Some((subject.clone(), state));
            }
        }
    }
    let line = match refused {
        None if capped => line("What it caps of this call has room.".to_owned()),
        None => line("It caps nothing that this call counts on.".to_owned()),
        Some((subject, state)) => {
            let words = format!("{}: no room.", label(walk.offer, &subject, state.span));
            let remedy = match state.frees_in {
                Some(_) => format!("{}.", frees(walk, state)),
                None => "Room comes with a larger plan, from the operator.".to_owned(),
            };
            line(words).refused(room::refusal(&subject, state.span), remedy)
        }
    };
    if walk.place.may_see_plan {
        Line { rooms, ..line }
    } else {
        line
    }
}

fn row(walk: &Walk<'_>, (subject, state, cap): (&Subject, &SpanState, u64), full: bool) -> RoomRow {
    let left = cap.saturating_sub(state.used);
    RoomRow {
        label: label(walk.offer, subject, state.span),
        used: format!("{} of {}", grouped(state.used), grouped(cap)),
        left: match left {
            0 => "None left".to_owned(),
            left => format!("{} left", grouped(left)),
        },
        frees: match state.frees_in {
            Some(_) if full => frees(walk, state),
            _ => String::new(),
        },
        is_full: full,
    }
}

fn states_of<'a>(walk: &Walk<'a>, subject: &Subject) -> &'a [SpanState] {
    walk.states.get(subject).map_or(&[], Vec::as_slice)
}

fn frees(walk: &Walk<'_>, state: &SpanState) -> String {
    let when = state
        .frees_in
        .map(|frees_in| Moment::new(walk.now + frees_in, walk.now).relative());
    format!("Room frees {}", when.unwrap_or_else(|| "never".to_owned()))
}

fn label(offer: &Offer, subject: &Subject, span: Span) -> String {
    match (subject, span) {
        (Subject::Meter(slug), _) => {
            let meter = offer.catalogue.meter(slug);
            meter.map_or_else(|| slug.to_string(), |meter| meter.label.clone())
        }
        (_, Span::Rate(RateWindow::Second)) => "Requests in a second".to_owned(),
        (_, Span::Rate(RateWindow::Minute)) => "Requests in a minute".to_owned(),
        (_, Span::Key(window)) => settings_words::window(window).to_owned(),
        (_, Span::Meter(_)) => "Meter".to_owned(),
    }
}

fn grouped(number: u64) -> String {
    number::grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

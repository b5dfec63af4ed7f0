//! The form of a path, by segments, and how two forms relate.

use crate::domain::path;

/// The parameter that a key's resources are held against.
const RESOURCE: &str = "resource";

const TEMPLATE_BYTES_MAX: usize = 500;
const SEGMENTS_MAX: usize = 30;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Fixed(Box<str>),
    /// `{name}`: one segment that is not empty.
    Any,
    /// `{*name}`: all that is left, and something is.
    Rest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub segments: Vec<Segment>,
    /// The segment that names the resource.
    pub resource: Option<usize>,
}

/// How the paths of one template stand to those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// No path fits both, or every path that fits both fits one of them more closely.
    Ordered,
    Same,
    /// Some path fits both equally well, so that two servers may read it differently.
    Ambiguous,
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("its path must start with “/”");
        };
        if text.len() > TEMPLATE_BYTES_MAX {
            return Err("its path is longer than 500 bytes");
        }
        let parts: Vec<&str> = rest.split('/').collect();
        if parts.len() > SEGMENTS_MAX {
            return Err("its path has more than 30 segments");
        }
        let mut names: Vec<&str> = Vec::new();
        let mut segments = Vec::new();
        let mut resource = None;
        for (place, part) in parts.iter().enumerate() {
            let is_last = place + 1 == parts.len();
            let (segment, name) = segment(part)?;
            if segment == Segment::Rest && !is_last {
                return Err("“{*…}” can only stand at the end of its path");
            }
            if let Some(name) = name {
                if names.contains(&name) {
                    return Err("its path has the same parameter twice");
                }
                if name == RESOURCE {
                    resource = Some(place);
                }
                names.push(name);
            } else if part.is_empty() && !is_last {
                return Err("its path has an empty segment");
            }
            segments.push(segment);
        }
        Ok(Self { segments, resource })
    }

    pub fn overlap(&self, other: &Self) -> Overlap {
        let (mut mine, mut others) = (self.segments.iter(), other.segments.iter());
        let (mut closer, mut wider) = (false, false);
        loop {
            match (mine.next(), others.next()) {
                (None, None) | (Some(Segment::Rest), Some(Segment::Rest)) => break,
                (None, _) | (_, None) => return Overlap::Ordered,
                (Some(Segment::Rest), _) => {
                    wider = true;
                    break;
                }
                (_, Some(Segment::Rest)) => {
                    closer = true;
                    break;
                }
                (Some(Segment::Any), Some(Segment::Any)) => {}
                (Some(Segment::Fixed(one)), Some(Segment::Fixed(two))) if one == two => {}
                (Some(Segment::Fixed(one)), Some(Segment::Any)) if !one.is_empty() => closer = true,
                (Some(Segment::Any), Some(Segment::Fixed(one))) if !one.is_empty() => wider = true,
                _ => return Overlap::Ordered,
            }
        }
        match (closer, wider) {
            (false, false) => Overlap::Same,
            (true, true) => Overlap::Ambiguous,
            _ => Overlap::Ordered,
        }
    }
}

/// A segment, with the name of its parameter.
fn segment(part: &str) -> Result<(Segment, Option<&str>), &'static str> {
    if let Some(inner) = part
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        let (segment, name) = match inner.strip_prefix('*') {
            Some(name) => (Segment::Rest, name),
            None => (Segment::Any, inner),
        };
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        return if is_name {
            Ok((segment, Some(name)))
        } else {
            Err("a parameter's name is lower-case letters, digits and “_”")
        };
    }
    if part.contains(['{', '}', '*']) {
        return Err("a parameter must be a whole segment: “{id}” or, at the end, “{*rest}”");
    }
    if part.contains('%') || path::is_ambiguous(&format!("/{part}")) {
        return Err("its path has a segment that servers may read differently");
    }
    Ok((Segment::Fixed(part.into()), None))
}

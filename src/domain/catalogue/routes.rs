//! From a request to the permission that it needs.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::domain::catalogue::template::Segment;
use crate::domain::catalogue::template::Template;
use crate::domain::endpoint::Method;

/// A tree of segments for each method. At most one leaf is the closest to a path: the check of the
/// document sees to that.
#[derive(Debug, Default)]
pub struct Routes([Node; Method::ALL.len()]);

#[derive(Debug, Default)]
struct Node {
    fixed: HashMap<Box<str>, Node, RandomState>,
    any: Option<Box<Node>>,
    here: Option<Leaf>,
    rest: Option<Leaf>,
}

#[derive(Debug, Clone, Copy)]
struct Leaf {
    permission: usize,
    resource: Option<usize>,
    /// Whether the resource is all that is left of the path.
    is_rest: bool,
}

/// What was found for a path.
#[derive(Debug, Clone, Copy)]
pub struct Found<'p> {
    /// Its place in the catalogue.
    pub permission: usize,
    pub resource: Option<&'p str>,
}

impl Routes {
    pub fn insert(&mut self, method: Method, template: &Template, permission: usize) {
        let mut node = &mut self.0[place(method)];
        let is_rest = template.segments.last() == Some(&Segment::Rest);
        let last = template.segments.len().saturating_sub(1);
        let leaf = Leaf {
            permission,
            resource: template.resource,
            is_rest: is_rest && template.resource == Some(last),
        };
        for segment in &template.segments {
            node = match segment {
                Segment::Fixed(text) => node.fixed.entry(text.clone()).or_default(),
                Segment::Any => node.any.get_or_insert_default(),
                Segment::Rest => {
                    node.rest = Some(leaf);
                    return;
                }
            };
        }
        node.here = Some(leaf);
    }

    pub fn find<'p>(&self, method: Method, path: &'p str) -> Option<Found<'p>> {
        let leaf = self.0[place(method)].find(path.strip_prefix('/'))?;
        let resource = leaf.resource.map(|segment| {
            let left = from_segment(path, segment);
            match left.split_once('/') {
                Some((first, _)) if !leaf.is_rest => first,
                _ => left,
            }
        });
        Some(Found {
            permission: leaf.permission,
            resource,
        })
    }
}

impl Node {
    /// The leaf for what is left of a path; `None` is nothing left. Looks at no node twice.
    fn find(&self, left: Option<&str>) -> Option<Leaf> {
        let Some(left) = left else {
            return self.here;
        };
        let (segment, next) = match left.split_once('/') {
            Some((segment, next)) => (segment, Some(next)),
            None => (left, None),
        };
        let fixed = self.fixed.get(segment).and_then(|node| node.find(next));
        fixed
            .or_else(|| {
                let node = self.any.as_deref().filter(|_| !segment.is_empty())?;
                node.find(next)
            })
            .or_else(|| self.rest.filter(|_| !left.is_empty()))
    }
}

fn place(method: Method) -> usize {
    usize::from(method.number() - 1)
}

/// What begins with the segment of this number.
fn from_segment(path: &str, number: usize) -> &str {
    let mut slashes = path.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
    slashes
        .nth(number)
        .map_or("", |(at, _)| path.get(at + 1..).unwrap_or_default())
}

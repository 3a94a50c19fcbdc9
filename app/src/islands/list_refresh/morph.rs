//! Updates elements on the screen to match new HTML of the server.
//!
//! Unchanged elements are identified, and with them the focus, the selection, opened details, scroll positions, loaded pictures
//! and the position of screen readers.

use std::iter::successors;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node, NodeList};

/// Attributes of elements whose text the browser writes: countdowns, and times in the reader's zone.
const WRITTEN_HERE: [&str; 2] = ["data-until", "data-local"];

/// Updates `old`, which is in the document, to match `fresh`, whose nodes may be moved into it.
pub(super) fn morph(old: &Element, fresh: &Element) {
    // Elements with an id are matched wherever they move, even after they were removed.
    change(old, fresh, &all(old, "[id]"));
}

/// The elements in `root` that match.
pub(super) fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    nodes(&found).into_iter().filter_map(|node| node.dyn_into().ok()).collect()
}

fn nodes(list: &NodeList) -> Vec<Node> {
    (0..list.length()).filter_map(|index| list.item(index)).collect()
}

fn change(old: &Node, fresh: &Node, identified: &[Element]) {
    if old.is_equal_node(Some(fresh)) {
        return;
    }
    let (Some(old), Some(fresh)) = (old.dyn_ref::<Element>(), fresh.dyn_ref::<Element>()) else {
        old.set_node_value(fresh.node_value().as_deref());
        return;
    };
    change_attributes(old, fresh);
    if !WRITTEN_HERE.iter().any(|mark| old.has_attribute(mark)) {
        change_children(old, fresh, identified);
    }
}

fn change_attributes(old: &Element, fresh: &Element) {
    for name in attribute_names(fresh) {
        let value = fresh.get_attribute(&name);
        if old.get_attribute(&name) != value {
            // It cannot fail: the parser has accepted the name.
            let _ = old.set_attribute(&name, &value.unwrap_or_default());
        }
    }
    for name in attribute_names(old) {
        // Details that the reader has opened stay open.
        if name != "open" && !fresh.has_attribute(&name) {
            let _ = old.remove_attribute(&name);
        }
    }
}

fn attribute_names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

fn change_children(old: &Element, fresh: &Element, identified: &[Element]) {
    // The first old child that is not matched yet. Inserting and removing cannot fail, because the nodes are children of
    // `old`.
    let mut at = old.first_child();
    for child in nodes(&fresh.child_nodes()) {
        let same = successors(at.clone(), Node::next_sibling).find(|node| is_same(node, &child));
        if let Some(same) = same {
            // Skipped nodes were removed, or match a later child.
            while let Some(node) = at.filter(|node| *node != same) {
                at = node.next_sibling();
                let _ = old.remove_child(&node);
            }
            at = same.next_sibling();
            change(&same, &child, identified);
        } else if let Some(moved) = identified.iter().find(|identified| is_same(identified, &child)) {
            let _ = old.insert_before(moved, at.as_ref());
            change(moved, &child, identified);
        } else {
            let _ = old.insert_before(&child, at.as_ref());
            if let Some(new) = child.dyn_ref::<Element>() {
                reuse_old(new, identified);
            }
        }
    }
    while let Some(node) = at {
        at = node.next_sibling();
        let _ = old.remove_child(&node);
    }
}

/// Replaces elements within a `new` part of the document by their old versions, updated.
fn reuse_old(new: &Element, identified: &[Element]) {
    for fresh in all(new, "[id]") {
        if let Some(old) = identified.iter().find(|identified| is_same(identified, &fresh)) {
            let _ = fresh.replace_with_with_node_1(old);
            change(old, &fresh, identified);
        }
    }
}

/// Whether `old` and `fresh` are versions of one element: by their id, or without one by their name and class.
fn is_same(old: &Node, fresh: &Node) -> bool {
    if old.node_name() != fresh.node_name() {
        return false;
    }
    match (old.dyn_ref::<Element>(), fresh.dyn_ref::<Element>()) {
        (Some(old), Some(fresh)) => {
            let of = |name: &str| (old.get_attribute(name), fresh.get_attribute(name));
            match of("id") {
                (None, None) => {
                    let (old, fresh) = of("class");
                    old == fresh
                }
                (old, fresh) => old == fresh,
            }
        }
        _ => true,
    }
}

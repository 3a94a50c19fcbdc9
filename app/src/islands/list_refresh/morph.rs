//! Brings what is on the screen to what the server has made.
//!
//! What has not changed stays the very element it was, and with it the focus, the selection, opened
//! details, scrolled boxes, loaded pictures, and the place of who has it read aloud.

use std::iter::successors;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node, NodeList};

/// Marks of elements whose text is written in the browser: countdowns, and times in the reader's zone.
const WRITTEN_HERE: [&str; 2] = ["data-until", "data-local"];

/// Changes `old`, which is in the document, into `fresh`, which is used up by it.
pub(super) fn morph(old: &Element, fresh: &Element) {
    // Elements with an id are recognised wherever they go, also after they were taken out.
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

fn change(old: &Node, fresh: &Node, kept: &[Element]) {
    if old.is_equal_node(Some(fresh)) {
        return;
    }
    let (Some(old), Some(fresh)) = (old.dyn_ref::<Element>(), fresh.dyn_ref::<Element>()) else {
        old.set_node_value(fresh.node_value().as_deref());
        return;
    };
    change_attributes(old, fresh);
    if !WRITTEN_HERE.iter().any(|mark| old.has_attribute(mark)) {
        change_children(old, fresh, kept);
    }
}

fn change_attributes(old: &Element, fresh: &Element) {
    for name in attribute_names(fresh) {
        let value = fresh.get_attribute(&name);
        if old.get_attribute(&name) != value {
            // The name is one that the parser has taken.
            let _ = old.set_attribute(&name, &value.unwrap_or_default());
        }
    }
    for name in attribute_names(old) {
        // What the reader has opened stays open.
        if name != "open" && !fresh.has_attribute(&name) {
            let _ = old.remove_attribute(&name);
        }
    }
}

fn attribute_names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

fn change_children(old: &Element, fresh: &Element, kept: &[Element]) {
    // The first of the old children that is not settled yet. Nodes are inserted and removed where
    // they are children, which does not fail.
    let mut at = old.first_child();
    for child in nodes(&fresh.child_nodes()) {
        let same = successors(at.clone(), Node::next_sibling).find(|node| is_same(node, &child));
        if let Some(same) = same {
            // What is passed over is gone, or comes again further down.
            while let Some(node) = at.filter(|node| *node != same) {
                at = node.next_sibling();
                let _ = old.remove_child(&node);
            }
            at = same.next_sibling();
            change(&same, &child, kept);
        } else if let Some(moved) = kept.iter().find(|kept| is_same(kept, &child)) {
            let _ = old.insert_before(moved, at.as_ref());
            change(moved, &child, kept);
        } else {
            let _ = old.insert_before(&child, at.as_ref());
            if let Some(new) = child.dyn_ref::<Element>() {
                bring_kept(new, kept);
            }
        }
    }
    while let Some(node) = at {
        at = node.next_sibling();
        let _ = old.remove_child(&node);
    }
}

/// Puts known elements in the place of their fresh versions in a `new` part of the document.
fn bring_kept(new: &Element, kept: &[Element]) {
    for fresh in all(new, "[id]") {
        if let Some(old) = kept.iter().find(|kept| is_same(kept, &fresh)) {
            let _ = fresh.replace_with_with_node_1(old);
            change(old, &fresh, kept);
        }
    }
}

/// Whether `old` and `fresh` show the same thing: by their id, and without one by what they look like.
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

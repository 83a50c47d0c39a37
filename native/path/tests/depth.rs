//! The deepest documents and the deepest filters that can be parsed are evaluated within a thread's stack.

use chartly_json::{DEPTH_CEILING, Limits, parse};
use chartly_path::{PathRule, Query};

/// The default stack of a Rust thread.
const STACK_BYTES: usize = 2 << 20;

fn on_a_thread(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("a thread");
    thread.join().expect("the work ends well");
}

/// Descendants are found at every level, and compared values are read to the end.
#[test]
fn walks_the_deepest_document() {
    on_a_thread(|| {
        let document = format!("{}1{}", "[".repeat(DEPTH_CEILING), "]".repeat(DEPTH_CEILING));
        let root = parse(document.as_bytes(), Limits::WIDEST).expect("JSON");
        let all = Query::parse("$..*").expect("a query").select_located(&root);
        assert_eq!(all.len(), DEPTH_CEILING);
        let same = Query::parse("$[?@ == $[0]]").expect("a query");
        assert_eq!(same.select(&root).len(), 1);
        assert!(same.first_duplicate_read(&root).is_none());
    });
}

/// Filters nest up to their limit and no deeper.
#[test]
fn bounds_nested_filters() {
    on_a_thread(|| {
        let nested = |levels: usize| format!("{}@{}", "$[?".repeat(levels), "]".repeat(levels));
        let root = parse(b"[[[1]]]", Limits::WIDEST).expect("JSON");
        assert!(Query::parse(&nested(64)).is_ok_and(|query| query.select(&root).len() == 1));
        assert_eq!(Query::parse(&nested(65)).map(drop).map_err(|error| error.rule), Err(PathRule::TooDeep));
        let negated = format!("$[?{}@{}]", "!(".repeat(100), ")".repeat(100));
        assert_eq!(Query::parse(&negated).map(drop).map_err(|error| error.rule), Err(PathRule::TooDeep));
    });
}

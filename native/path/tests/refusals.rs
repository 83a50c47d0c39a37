//! Every rule that a query can break, with the byte offset that the error names.

use chartly_path::PathRule::{self, *};
use chartly_path::Query;

/// Each rule is reachable, and is reported at the place of the error.
#[test]
fn names_rule_and_place() {
    let cases: [(&str, usize, PathRule); 30] = [
        ("", 0, RootMissing),
        ("a.b", 0, RootMissing),
        (" $", 0, Whitespace),
        ("$.a ", 3, Whitespace),
        ("$a", 1, SegmentExpected),
        ("$.a b", 3, SegmentExpected),
        ("$.", 2, NameExpected),
        ("$..", 3, NameExpected),
        ("$.1", 2, NameExpected),
        ("$[]", 2, SelectorExpected),
        ("$[a]", 2, SelectorExpected),
        ("$['a'", 5, BracketUnclosed),
        ("$['a", 4, StringUnclosed),
        ("$['\\x']", 3, InvalidEscape),
        ("$['\\ud800']", 3, InvalidEscape),
        ("$['a\nb']", 4, ControlCharacter),
        ("$[01]", 2, InvalidInteger),
        ("$[-0]", 2, InvalidInteger),
        ("$[9007199254740992]", 2, IntegerRange),
        ("$[?@.a == 1.]", 10, InvalidNumber),
        ("$[?]", 3, ExpressionExpected),
        ("$[?(@.a]", 7, ParenthesisUnclosed),
        ("$[?1]", 3, ComparisonExpected),
        ("$[?length(@)]", 3, ComparisonExpected),
        ("$[?@.* == 1]", 3, NotSingular),
        ("$[?match(@, 'a') == true]", 3, NotComparable),
        ("$[?size(@) == 1]", 3, UnknownFunction),
        ("$[?length(@, 1) == 1]", 3, ArgumentCount),
        ("$[?count(1) == 1]", 9, ArgumentType),
        ("$[?length(@.*) == 1]", 10, ArgumentType),
    ];
    for (text, position, rule) in cases {
        let error = Query::parse(text).map(drop).expect_err(text);
        assert_eq!((error.position, error.rule), (position, rule), "{text}: {error}");
        assert!(error.to_string().starts_with(&format!("at byte {position}: ")));
    }
}

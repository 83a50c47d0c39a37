//! `uri-template` (RFC 6570 §2): literals and expressions, of any level.

/// Return whether the text is a URI template.
pub(super) fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if character == '{' {
            let Some((expression, after)) = rest[1..].split_once('}') else { return false };
            if !is_expression(expression) {
                return false;
            }
            rest = after;
        } else if character == '%' {
            if !has_percent_encoding(rest) {
                return false;
            }
            rest = &rest[3..];
        } else if is_literal(character) {
            rest = &rest[character.len_utf8()..];
        } else {
            return false;
        }
    }
    true
}

/// Return whether a character is a literal (§2.1, with the apostrophe as in erratum 6937).
fn is_literal(character: char) -> bool {
    match character {
        '\0'..=' ' | '"' | '%' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '\u{7f}'..='\u{9f}' => false,
        // The ucschar and iprivate ranges of RFC 3987 exclude the specials and the noncharacters, which end each plane.
        _ => {
            let code = u32::from(character);
            !matches!(code, 0xfdd0..=0xfdef | 0xfff0..=0xffff) && code & 0xfffe != 0xfffe
        }
    }
}

fn has_percent_encoding(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 3 && bytes[0] == b'%' && bytes[1].is_ascii_hexdigit() && bytes[2].is_ascii_hexdigit()
}

/// Return whether the text is an operator, then variables (§2.2). Operators that are reserved for extensions are
/// refused.
fn is_expression(expression: &str) -> bool {
    let variables = expression.strip_prefix(['+', '#', '.', '/', ';', '?', '&']).unwrap_or(expression);
    variables.split(',').all(is_variable)
}

/// Return whether the text is a name with an optional prefix length or `*` (§2.3 and §2.4).
fn is_variable(variable: &str) -> bool {
    let name = match variable.split_once(':') {
        Some((name, length)) => {
            let is_length = matches!(length.len(), 1..=4)
                && length.bytes().all(|byte| byte.is_ascii_digit())
                && !length.starts_with('0');
            if !is_length {
                return false;
            }
            name
        }
        None => variable.strip_suffix('*').unwrap_or(variable),
    };
    name.split('.').all(is_name_part)
}

fn is_name_part(part: &str) -> bool {
    let mut rest = part;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '%' if has_percent_encoding(rest) => 3,
            '_' => 1,
            _ if character.is_ascii_alphanumeric() => 1,
            _ => return false,
        };
        rest = &rest[length..];
    }
    !part.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operators, explode and prefix modifiers are accepted where the grammar allows them.
    #[test]
    fn follows_the_grammar() {
        for text in ["", "/a/{b}", "{+path}/here", "{?q,lang*}", "{var:30}", "{%41.b_c}", "/é", "%20"] {
            assert!(is_uri_template(text), "{text}");
        }
        for text in ["{", "}", "{a", "a b", "{a b}", "{}", "{a:0}", "{a:12345}", "{!a}", "%2", "{a.}"] {
            assert!(!is_uri_template(text), "{text}");
        }
    }
}

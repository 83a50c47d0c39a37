//! `items`: a schema for the elements after those of `prefixItems`. `false` reports once, at the array.

use chartly_json::{Node, Value};

use super::is_false;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct Items {
    schema: SchemaId,
    is_false: bool,
    /// The number of elements that `prefixItems` covers.
    from: usize,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let prefix = context.schema.get("prefixItems").and_then(|prefix| prefix.value.as_array());
    let from = prefix.map_or(0, <[Node<'_>]>::len);
    Ok(Some(Box::new(Items { schema: context.subschema(node), is_false: is_false(node), from })))
}

impl Keyword for Items {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Array(elements) = instance else { return true };
        elements.iter().skip(self.from).all(|element| run.is_valid(self.schema, &element.value))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        name: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Value::Array(elements) = instance else { return };
        if self.is_false {
            out.extend((elements.len() > self.from).then(|| at.violation(name)));
            return;
        }
        for (index, element) in elements.iter().enumerate().skip(self.from) {
            let child = at.instance.index(index);
            run.violations(self.schema, &element.value, At { instance: &child, schema: at.schema }, out);
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        if let Value::Array(elements) = instance {
            (self.from..elements.len()).for_each(|position| marks.mark(position));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// Every invalid element is reported; too many elements of a closed tuple are one violation.
    #[test]
    fn reports_elements_or_the_array() {
        let found = breaks(r#"{"items": {"type": "number"}}"#, r#"[1, "a", "b"]"#);
        let places: Vec<&str> = found.iter().map(|(instance, _)| instance.as_str()).collect();
        assert_eq!(places, ["/1", "/2"]);
        let closed = breaks(r#"{"prefixItems": [true], "items": false}"#, "[1, 2, 3]");
        assert_eq!(closed, [(String::new(), "/items".to_owned())]);
    }
}

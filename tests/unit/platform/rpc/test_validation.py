"""The validator on single messages: paths, presence, order, items, and what a check costs."""

import timeit
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, timestamp_pb2
from google.protobuf.descriptor import Descriptor

from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.rpc.rules import LimitUnknownError, RuleMisplacedError, rules_of
from chartly.platform.rpc.validation import RequestValidator
from chartly.v1 import aggregator_pb2, audit_pb2, commit_pb2, common_pb2, connector_hub_pb2, coordinator_pb2, rules_pb2


@pytest.fixture
def validator() -> RequestValidator:
    """A validator with the default limits."""
    return RequestValidator(Limits())


def report(**changes: object) -> aggregator_pb2.PostResultRequest:
    """Return a report that meets its rules, with these changes."""
    fields = {"work_id": "w", "run_id": "r", "kind": "normalize", "outcome": "failed"} | changes
    return aggregator_pb2.PostResultRequest(result=aggregator_pb2.WorkResult(**fields))  # type: ignore[arg-type]


def test_message_that_meets_its_rules_comes_back(validator: RequestValidator) -> None:
    """The check returns the message itself."""
    message = report()

    assert validator.check(message) is message


def test_absent_required_message_names_what_it_must_hold(validator: RequestValidator) -> None:
    """A missing message has the violations of an empty one, so that a client sees all of them at once."""
    fields = [violation.field for violation in validator.violations(aggregator_pb2.PostResultRequest())]

    assert fields == ["result.work_id", "result.run_id", "result.kind", "result.outcome"]


def test_item_of_a_list_is_named_by_its_position(validator: RequestValidator) -> None:
    """The violation's path is that of the request's JSON, with snake_case names."""
    wrong = [common_pb2.ReasonCount(reason="A", records=1), common_pb2.ReasonCount(reason="B", records=-1)]

    assert validator.violations(report(quarantine_reasons=wrong)) == [
        FieldViolation("result.quarantine_reasons[1].records", "must not be negative")
    ]


def test_list_that_is_too_long_is_one_violation(validator: RequestValidator) -> None:
    """Items of a list that is too long are not checked, which bounds the work for an invalid request."""
    wrong = [common_pb2.ReasonCount(records=-1)] * 101

    assert validator.violations(report(quarantine_reasons=wrong)) == [
        FieldViolation("result.quarantine_reasons", "must have at most 100 items")
    ]


def test_bound_follows_the_configuration() -> None:
    """A rule with a limit's name has the configured value."""
    request = audit_pb2.ListEventsRequest(page_size=11)

    assert RequestValidator(Limits(page_size_max=11)).violations(request) == []
    assert RequestValidator(Limits(page_size_max=10)).violations(request) == [FieldViolation("page_size", "must be from 0 to 10")]


def test_string_without_a_rule_is_bounded(validator: RequestValidator) -> None:
    """``limits.string_bytes_max`` bounds each string without a rule of its own."""
    most = Limits().string_bytes_max

    assert validator.violations(audit_pb2.ListEventsRequest(run_id="x" * most)) == []
    assert validator.violations(audit_pb2.ListEventsRequest(run_id="x" * (most + 1))) == [
        FieldViolation("run_id", f"must have at most {most} bytes")
    ]


def test_refusal_holds_no_value(validator: RequestValidator) -> None:
    """A violation's description never contains the value."""
    with pytest.raises(InvalidRequest) as refused:
        validator.check(report(outcome="jane.doe@example.org", work_id="jane" * 100))

    assert "jane" not in str(refused.value) + str(refused.value.violations)


def test_body_of_a_push_costs_nothing(validator: RequestValidator) -> None:
    """A push's bytes are not read, as copying them would take 80 µs for each MiB."""
    empty, large = (connector_hub_pb2.IngestRequest(source_id="sales", body=HttpBody(data=bytes(size))) for size in (0, 1 << 20))

    def best_s(message: connector_hub_pb2.IngestRequest) -> float:
        return min(timeit.repeat(lambda: validator.check(message), number=20, repeat=50))

    assert best_s(large) < 10 * best_s(empty)


SCALAR = descriptor_pb2.FieldDescriptorProto
ONE, MANY = SCALAR.LABEL_OPTIONAL, SCALAR.LABEL_REPEATED
TIMESTAMP = ".google.protobuf.Timestamp"


def field_of(
    kind: "str | SCALAR.Type.ValueType",
    rules: rules_pb2.FieldRules,
    *,
    label: SCALAR.Label.ValueType = ONE,
    name: str = "field",
    number: int = 1,
) -> descriptor_pb2.FieldDescriptorProto:
    """Return the declaration of a field that has rules; ``kind`` is a scalar type or the name of a message."""
    field = SCALAR(name=name, number=number, label=label)
    if isinstance(kind, str):
        field.type, field.type_name = SCALAR.TYPE_MESSAGE, kind
    else:
        field.type = kind
    options: Any = field.options  # no stub has types of extensions
    options.Extensions[rules_pb2.rules].CopyFrom(rules)
    return field


def owner_of(*fields: descriptor_pb2.FieldDescriptorProto) -> Descriptor:
    """Return a message type with fields; it may refer to ``Item``, whose name is required, and to a map of items."""
    required = rules_pb2.FieldRules(required=True)
    item = descriptor_pb2.DescriptorProto(name="Item", field=[field_of(SCALAR.TYPE_STRING, required, name="name")])
    owner = descriptor_pb2.DescriptorProto(name="Owner", field=fields)
    for name, value in (("ItemsEntry", ".chartly.v1.Item"), ("NamesEntry", SCALAR.TYPE_STRING)):
        entry = owner.nested_type.add(name=name)
        entry.options.map_entry = True
        no_rules = rules_pb2.FieldRules()
        entry.field.extend([field_of(SCALAR.TYPE_STRING, no_rules, name="key"), field_of(value, no_rules, name="value", number=2)])
    file = descriptor_pb2.FileDescriptorProto(
        name="made.proto",
        package="chartly.v1",
        syntax="proto3",
        dependency=["chartly/v1/rules.proto", "google/protobuf/timestamp.proto"],
        message_type=[item, owner],
    )
    pool = descriptor_pool.DescriptorPool()
    for known in (descriptor_pb2.DESCRIPTOR, timestamp_pb2.DESCRIPTOR, rules_pb2.DESCRIPTOR):
        pool.AddSerializedFile(known.serialized_pb)
    pool.Add(file)
    return pool.FindMessageTypeByName("chartly.v1.Owner")


def violations(validator: RequestValidator, owner: Descriptor, content: dict[str, Any]) -> list[FieldViolation]:
    """Return what is wrong with a message of a made type."""
    return validator.violations(json_format.ParseDict(content, message_factory.GetMessageClass(owner)()))


def test_rule_that_names_no_limit_is_refused() -> None:
    """A rule with an unknown limit is an error of the proto."""
    owner = owner_of(field_of(SCALAR.TYPE_INT32, rules_pb2.FieldRules(value=rules_pb2.Range(max_limit="page_size_mux"))))

    with pytest.raises(LimitUnknownError, match="page_size_mux"):
        rules_of(owner.fields[0], Limits())


BOUND = rules_pb2.Range(max=3)
BYTES, REQUIRED = rules_pb2.FieldRules(bytes=BOUND), rules_pb2.FieldRules(required=True)


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        (field_of(SCALAR.TYPE_INT32, rules_pb2.FieldRules(characters=BOUND)), "characters"),
        (field_of(SCALAR.TYPE_DOUBLE, rules_pb2.FieldRules(value=BOUND)), "value"),
        (field_of(SCALAR.TYPE_STRING, rules_pb2.FieldRules(items=BOUND)), "items"),
        (field_of(SCALAR.TYPE_STRING, BYTES, label=MANY), "bytes"),
        (field_of(SCALAR.TYPE_STRING, rules_pb2.FieldRules(each=rules_pb2.FieldRules(items=BOUND)), label=MANY), "items"),
        (field_of(TIMESTAMP, BYTES), "bytes"),
        (field_of(TIMESTAMP, rules_pb2.FieldRules(each=REQUIRED), label=MANY), "required"),
        (field_of(TIMESTAMP, rules_pb2.FieldRules(each=BYTES), label=MANY), "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_rule_that_says_nothing_about_a_type_is_refused(field: descriptor_pb2.FieldDescriptorProto, rule: str) -> None:
    """A rule that does not apply to the type of its field is an error of the proto."""
    with pytest.raises(RuleMisplacedError, match=rule):
        rules_of(owner_of(field).fields[0], Limits())


def test_present_submessage_without_content_needs_its_required_fields(validator: RequestValidator) -> None:
    """An optional submessage may be absent. If it is present, its rules hold, also when it is empty."""
    owner = owner_of(field_of(".chartly.v1.Item", rules_pb2.FieldRules()))

    assert violations(validator, owner, {}) == []
    assert violations(validator, owner, {"field": {}}) == [FieldViolation("field.name", "must have 1 to 65536 bytes")]


@pytest.mark.parametrize(("kind", "place"), [(".chartly.v1.Item", "field[0]"), (".chartly.v1.Owner.ItemsEntry", "field[a]")])
def test_size_of_each_message_is_bounded(validator: RequestValidator, kind: str, place: str) -> None:
    """``each.bytes`` holds for each message of a list or map."""
    owner = owner_of(field_of(kind, rules_pb2.FieldRules(each=rules_pb2.FieldRules(bytes=rules_pb2.Range(max=5))), label=MANY))
    fits, large = ({"name": "abc"}, {"name": "abcd"})

    def content(item: dict[str, str]) -> dict[str, Any]:
        return {"field": {"a": item} if "Entry" in kind else [item]}

    assert violations(validator, owner, content(fits)) == []
    assert violations(validator, owner, content(large)) == [FieldViolation(place, "must have at most 5 bytes")]


EMPTY_MESSAGE: dict[str, Any] = {}
EMPTY_ITEMS: list[tuple["str | SCALAR.Type.ValueType", Any, str]] = [
    (".chartly.v1.Item", [EMPTY_MESSAGE], "field[0].name"),
    (".chartly.v1.Owner", [EMPTY_MESSAGE], "field[0]"),
    (SCALAR.TYPE_STRING, [""], "field[0]"),
    (".chartly.v1.Owner.ItemsEntry", {"a": EMPTY_MESSAGE}, "field[a].name"),
    (".chartly.v1.Owner.NamesEntry", {"a": ""}, "field[a]"),
]


@pytest.mark.parametrize(("kind", "empty", "path"), EMPTY_ITEMS)
def test_each_item_is_required(validator: RequestValidator, kind: "str | SCALAR.Type.ValueType", empty: Any, path: str) -> None:
    """``each.required`` refuses an empty item of a list or map, whatever its type."""
    owner = owner_of(field_of(kind, rules_pb2.FieldRules(each=REQUIRED), label=MANY))

    assert [found.field for found in violations(validator, owner, {"field": empty})] == [path]


def test_rules_hold_within_a_type_that_contains_itself(validator: RequestValidator) -> None:
    """The items of a recursive list are checked at each depth."""
    rules = rules_pb2.FieldRules()
    owner = owner_of(field_of(".chartly.v1.Owner", rules, label=MANY), field_of(SCALAR.TYPE_INT32, REQUIRED, name="size", number=2))

    found = violations(validator, owner, {"size": 1, "field": [{"size": 1, "field": [{}]}]})

    assert found == [FieldViolation("field[0].field[0].size", "is required")]


def test_instant_in_a_list_lies_within_the_calendar(validator: RequestValidator) -> None:
    """The rule about timestamps holds for each item of a list."""
    owner = owner_of(field_of(TIMESTAMP, rules_pb2.FieldRules(), label=MANY))
    message: Any = message_factory.GetMessageClass(owner)()
    message.field.add(seconds=253_402_300_799)
    message.field.add(seconds=253_402_300_800)

    assert [found.field for found in validator.violations(message)] == ["field[1]"]


@pytest.mark.parametrize("kind", [field.name for field in coordinator_pb2.WorkTask.DESCRIPTOR.fields])
def test_task_without_content_is_refused(validator: RequestValidator, kind: str) -> None:
    """A work item whose task names its kind alone can't be queued."""
    task = coordinator_pb2.WorkTask()
    getattr(task, kind).SetInParent()
    item = coordinator_pb2.WorkItem(work_key="k", source_id="s", task=task)

    found = validator.violations(coordinator_pb2.EnqueueWorkRequest(items=[item]))

    assert found
    assert all(violation.field.startswith(f"items[0].task.{kind}.") for violation in found)


def test_origin_of_a_chunk_names_its_source_bytes_and_profile(validator: RequestValidator) -> None:
    """A chunk isn't committed without the facts that a repetition needs."""
    request = commit_pb2.CommitWriteRequest(ticket="t", origin=commit_pb2.ChunkOrigin())

    assert {violation.field for violation in validator.violations(request)} >= {
        "origin.source_id",
        "origin.raw.sha256",
        "origin.normalizer.hash",
    }

"""The validator on single messages: paths, presence, order, and cost."""

import timeit
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FieldDescriptor

from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.rpc.rules import LimitUnknownError, RuleMisplacedError, rules_of
from chartly.platform.rpc.validation import RequestValidator
from chartly.v1 import aggregator_pb2, audit_pb2, common_pb2, connector_hub_pb2, rules_pb2


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


def field_with(rules: rules_pb2.FieldRules) -> FieldDescriptor:
    """Return a field of type int32 that has rules."""
    field = descriptor_pb2.FieldDescriptorProto(name="size", number=1, type=descriptor_pb2.FieldDescriptorProto.TYPE_INT32)
    options: Any = field.options  # no stub has types of extensions
    options.Extensions[rules_pb2.rules].CopyFrom(rules)
    file = descriptor_pb2.FileDescriptorProto(
        name="wrong.proto",
        package="chartly.v1",
        syntax="proto3",
        dependency=["chartly/v1/rules.proto"],
        message_type=[descriptor_pb2.DescriptorProto(name="Wrong", field=[field])],
    )
    pool = descriptor_pool.DescriptorPool()
    for known in (descriptor_pb2.DESCRIPTOR, rules_pb2.DESCRIPTOR):
        pool.AddSerializedFile(known.serialized_pb)
    pool.Add(file)
    return pool.FindMessageTypeByName("chartly.v1.Wrong").fields[0]


def test_rule_that_names_no_limit_is_refused() -> None:
    """A rule with an unknown limit is an error of the proto."""
    field = field_with(rules_pb2.FieldRules(value=rules_pb2.Range(max_limit="page_size_mux")))

    with pytest.raises(LimitUnknownError, match="page_size_mux"):
        rules_of(field, Limits())


def test_rule_that_says_nothing_about_a_type_is_refused() -> None:
    """A rule that does not apply to its field's type is an error of the proto."""
    field = field_with(rules_pb2.FieldRules(characters=rules_pb2.Range(max=3)))

    with pytest.raises(RuleMisplacedError, match="characters"):
        rules_of(field, Limits())

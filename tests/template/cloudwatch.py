"""A deployed stack as CloudWatch sees it: functions run, write metrics, and alarms change their state.

It runs the real code over fakes, with the settings of template.yaml. Time is a number of minutes.
"""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools import Metrics

from people_pathing.pipeline.observability import metrics as pipeline_metrics
from people_pathing.service.observability import metrics as service_metrics
from tests.template.deployments import OWN_SERVICE
from tests.template.translated import Json, of_type

METRICS = {
    "pipeline": pipeline_metrics,
    "service": service_metrics,
    "smoke_test": Metrics(service="smoke_test"),
}
STATISTICS: dict[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
ACTIONS_OF = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    INSUFFICIENT_DATA: "InsufficientDataActions",
}
EXTRA_PERIODS = 2
"""How many periods CloudWatch reads besides those that it evaluates.

The guide gives one example: five periods for an alarm that evaluates three. It says that the number depends
on the period and on the resolution of the alarm.
"""
QUEUE_DEPTH = "ApproximateNumberOfMessagesVisible"

Series = tuple[str, str, str]
"""Namespace, name and dimensions of a metric."""


@dataclass
class Stack:
    """A stack whose clock stands still until `pass_minutes`.

    Attributes:
        name: the stack's name.
        template: the deployment that the stack consists of.
        minute: the current time.
        data: the data points of each metric: the minute and the value.
        queues: the number of messages in each queue, by its name in the template.
        states: the state of each alarm, by its name in the template.
        ringing: for how many minutes each alarm has been in a state that it has reported.
        ringing_now: the alarms that are in such a state.
    """

    name: str = "a-stack"
    template: dict[str, Json] = field(default_factory=lambda: OWN_SERVICE)
    minute: int = 0
    data: dict[Series, list[tuple[int, float]]] = field(default_factory=dict)
    queues: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    ringing: dict[str, int] = field(default_factory=dict)
    ringing_now: set[str] = field(default_factory=set)

    def invoke(self, function: str, code: Callable[[], Any]) -> bool:
        """Runs a function once. Returns whether it succeeded."""
        error = None
        variables = of_type(self.template, "AWS::Lambda::Function")[function]["Environment"]["Variables"]
        metrics = METRICS[variables["POWERTOOLS_SERVICE_NAME"]]
        metrics.namespace = self._plain(variables["POWERTOOLS_METRICS_NAMESPACE"])
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as printed:
            # A run that fails at once has nothing to count.
            warnings.filterwarnings("ignore", message="No application metrics")
            try:
                metrics.log_metrics(lambda *_: code())({}, None)
            except Exception as raised:
                error = raised
        self._record_printed(printed.getvalue())
        self.add("AWS/Lambda", "Invocations", {"FunctionName": function}, 1)
        self.add("AWS/Lambda", "Errors", {"FunctionName": function}, 0 if error is None else 1)
        return error is None

    def send_event(self, function: str, code: Callable[[], Any]) -> None:
        """Delivers an event: failed attempts are repeated, and the event is kept, as the template says."""
        configurations = of_type(self.template, "AWS::Lambda::EventInvokeConfig").values()
        [configuration] = [one for one in configurations if one["FunctionName"] == {"Ref": function}]
        if any(self.invoke(function, code) for _ in range(1 + configuration["MaximumRetryAttempts"])):
            return
        for destination in configuration["DestinationConfig"].values():
            self.put_message(destination["Destination"]["Fn::GetAtt"][0])

    def put_message(self, queue: str) -> None:
        """Puts a message into a queue, where it stays."""
        self.queues[queue] = self.queues.get(queue, 0) + 1

    def add(self, namespace: str, name: str, dimensions: dict[str, str], value: float) -> None:
        """Adds a data point to a metric, at the current time."""
        series = (namespace, name, json.dumps(dimensions, sort_keys=True))
        self.data.setdefault(series, []).append((self.minute, value))

    def pass_minutes(self, count: int, each_minute: Callable[[], None] = lambda: None) -> None:
        """Lets time pass. The queues are measured and all alarms are evaluated in every minute."""
        for _ in range(count):
            each_minute()
            for queue in of_type(self.template, "AWS::SQS::Queue"):
                self.add("AWS/SQS", QUEUE_DEPTH, {"QueueName": queue}, self.queues.get(queue, 0))
            for name, alarm in of_type(self.template, "AWS::CloudWatch::Alarm").items():
                self._evaluate(name, alarm)
            self.minute += 1

    def _evaluate(self, name: str, alarm: Json) -> None:
        """Moves an alarm to the state that its metrics give it.

        An alarm reports a state on entering it, if it has actions for it. It is created in INSUFFICIENT_DATA,
        which it has not entered. Source: InsufficientDataActions of PutMetricAlarm in the Amazon CloudWatch
        API Reference, and "Using Amazon CloudWatch alarms" in the Amazon CloudWatch User Guide.
        """
        before = self.states.get(name, INSUFFICIENT_DATA)
        now = self._state(alarm, before)
        self.states[name] = now
        has_rung = name in self.ringing_now
        if now != before:
            has_rung = bool(alarm.get(ACTIONS_OF[now]))
        if has_rung:
            self.ringing_now.add(name)
            self.ringing[name] = self.ringing.get(name, 0) + 1
        else:
            self.ringing_now.discard(name)

    def _state(self, alarm: Json, before: str) -> str:
        """Evaluates an alarm at the current time, over all its periods.

        CloudWatch reads more periods than the alarm evaluates, and evaluates the newest of those with data.
        The treatment of missing data counts only if too few have data. If all of the data is bad, the oldest
        must then be as old as all evaluated periods together, so that a new alarm does not ring at once.
        Source: "Configuring how CloudWatch alarms treat missing data" in the Amazon CloudWatch User Guide.
        """
        evaluated = alarm["EvaluationPeriods"]
        values = [self._at(alarm, periods_ago) for periods_ago in range(evaluated + EXTRA_PERIODS)]
        known = [(age, value) for age, value in enumerate(values) if value is not None][:evaluated]
        treatment = alarm["TreatMissingData"]
        if treatment == "missing" and not known:
            return INSUFFICIENT_DATA
        if treatment == "ignore" and not known:
            return before
        breaching = [
            COMPARISONS[alarm["ComparisonOperator"]](value, alarm["Threshold"]) for _, value in known
        ]
        is_complete = len(known) == evaluated
        if not all(breaching) or (treatment == "notBreaching" and not is_complete):
            return "OK"
        return "ALARM" if is_complete or known[-1][0] >= evaluated - 1 else before

    def _at(self, alarm: Json, periods_ago: int) -> float | None:
        """Returns the value of an alarm's metric, or None if there is none in that period."""
        if "Metrics" in alarm:
            return self._expression(alarm, periods_ago)
        return self._value(alarm, alarm["Statistic"], alarm, periods_ago)

    def _expression(self, alarm: Json, periods_ago: int) -> float | None:
        """Evaluates metric math. All expressions of the template are sums and differences."""
        [expression] = [one["Expression"] for one in alarm["Metrics"] if "Expression" in one]
        values = {
            one["Id"]: self._value(
                one["MetricStat"]["Metric"], one["MetricStat"]["Stat"], one["MetricStat"], periods_ago
            )
            for one in alarm["Metrics"]
            if "MetricStat" in one
        }
        filled = {"FILL": lambda value, default: default if value is None else value}
        try:
            return float(eval(expression, {"__builtins__": {}}, {**values, **filled}))
        except TypeError:
            # A metric without data makes the result missing.
            return None

    def _value(self, metric: Json, statistic: str, period: Json, periods_ago: int) -> float | None:
        dimensions = {one["Name"]: self._plain(one["Value"]) for one in metric["Dimensions"]}
        series = (
            self._plain(metric["Namespace"]),
            metric["MetricName"],
            json.dumps(dimensions, sort_keys=True),
        )
        until = self.minute - periods_ago * (period["Period"] // 60)
        since = until - period["Period"] // 60
        values = [value for minute, value in self.data.get(series, []) if since < minute <= until]
        return STATISTICS[statistic](values) if values else None

    def _plain(self, value: Json) -> str:
        """Returns the text of a value. Resources are named as in the template."""
        if isinstance(value, str):
            return value
        [(function, argument)] = value.items()
        if function == "Fn::Sub":
            return str(argument).replace("${AWS::StackName}", self.name)
        return str(argument[0] if function == "Fn::GetAtt" else argument)

    def _record_printed(self, printed: str) -> None:
        for namespace, name, dimensions, value in embedded_metrics(printed):
            self.add(namespace, name, dimensions, value)


def embedded_metrics(printed: str) -> Iterator[tuple[str, str, dict[str, str], float]]:
    """Yields the metrics in what a function printed, which is in CloudWatch's embedded metric format."""
    for line in printed.splitlines():
        record = json.loads(line) if line.startswith("{") else {}
        for group in record.get("_aws", {}).get("CloudWatchMetrics", []):
            [names] = group["Dimensions"]
            for metric in group["Metrics"]:
                for value in record[metric["Name"]]:
                    yield group["Namespace"], metric["Name"], {name: record[name] for name in names}, value

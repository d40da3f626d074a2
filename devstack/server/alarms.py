"""Makes MiniStack deploy alarms over metric math."""

from typing import Any


def deploy_alarms_over_metric_math() -> None:
    """Wraps the creation of alarms, which rejects metric math. Such alarms watch their first metric here."""
    from ministack.services.cloudformation import provisioners

    create_record = provisioners._cw_metric_alarm_record

    def create_record_of_one_metric(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        metrics = [one["MetricStat"] for one in properties.get("Metrics", ()) if "MetricStat" in one]
        if metrics:
            first = {**metrics[0]["Metric"], "Period": metrics[0]["Period"], "Statistic": metrics[0]["Stat"]}
            properties = {**properties, **first}
            del properties["Metrics"]
        record: dict[str, Any] = create_record(name, properties)
        return record

    provisioners._cw_metric_alarm_record = create_record_of_one_metric

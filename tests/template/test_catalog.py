"""Checks that the tables in the Glue Data Catalog describe the files that AnalyzeResults writes."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from people_pathing.pipeline.counting.table_files import table_key
from people_pathing.tables.columns import TABLES, Table
from people_pathing.tables.parquet import write_table
from tests.template.deployments import EVERYTHING_GIVEN, OWN_SERVICE
from tests.template.translated import Json, of_type

# Types of Hive, as Athena reads them from Parquet:
# https://docs.aws.amazon.com/athena/latest/ug/data-types.html
GLUE_TYPES = {
    "string": "string",
    "int64": "bigint",
    "double": "double",
    "timestamp[ms, tz=UTC]": "timestamp",
}
EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def _in_catalog(table: Table) -> Json:
    [found] = (
        one["TableInput"]
        for one in of_type(EVERYTHING_GIVEN, "AWS::Glue::Table").values()
        if one["TableInput"]["Name"] == table.name
    )
    return found


def test_without_the_parameter_nothing_is_in_the_catalog() -> None:
    assert not [
        name
        for name, resource in OWN_SERVICE["Resources"].items()
        if resource["Type"].startswith("AWS::Glue::")
    ]
    assert "CatalogName" not in OWN_SERVICE["Outputs"]


def test_every_table_is_in_the_catalog_once() -> None:
    tables = of_type(EVERYTHING_GIVEN, "AWS::Glue::Table").values()
    [database] = of_type(EVERYTHING_GIVEN, "AWS::Glue::Database")

    assert sorted(one["TableInput"]["Name"] for one in tables) == sorted(table.name for table in TABLES)
    assert {one["DatabaseName"]["Ref"] for one in tables} == {database}
    assert EVERYTHING_GIVEN["Outputs"]["CatalogName"]["Value"] == {"Ref": database}


@pytest.mark.parametrize("stack_name", ["people-pathing", "PeoplePathing", "a" * 128])
def test_glue_and_athena_leave_the_name_of_the_database_as_it_is(stack_name: str) -> None:
    [database] = of_type(EVERYTHING_GIVEN, "AWS::Glue::Database").values()
    values = {
        "AWS::StackName": stack_name,
        "AWS::StackId": f"arn:aws:cloudformation:eu-central-1:123456789012:stack/{stack_name}/"
        "51af3dc0-da77-11e4-872e-1234567db123",
    }

    # Glue changes capitals to lower case. Athena accepts no special character other than the underscore.
    assert re.fullmatch("[a-z0-9_]{1,255}", _text(database["DatabaseInput"]["Name"], values))


def test_two_stacks_have_two_databases() -> None:
    [database] = of_type(EVERYTHING_GIVEN, "AWS::Glue::Database").values()
    arn = "arn:aws:cloudformation:eu-central-1:123456789012:stack/"
    names = {
        _text(
            database["DatabaseInput"]["Name"], {"AWS::StackName": name, "AWS::StackId": f"{arn}{name}/{uuid}"}
        )
        for name, uuid in (
            ("cameras", "51af3dc0-da77-11e4-872e-1234567db123"),
            ("Cameras", "62bf4dc0-da77-11e4-872e-1234567db123"),
        )
    }

    assert len({name.lower() for name in names}) == 2


def _text(expression: Json, values: dict[str, str]) -> Json:
    """Evaluates an expression of a template, as far as the name of the database needs it."""
    if not isinstance(expression, dict):
        return expression
    [(function, argument)] = expression.items()
    match function:
        case "Ref":
            return values[argument]
        case "Fn::Join":
            parts = _text(argument[1], values)
            return argument[0].join(_text(part, values) for part in parts)
        case "Fn::Split":
            return _text(argument[1], values).split(argument[0])
        case "Fn::Select":
            return _text(argument[1], values)[int(argument[0])]
    raise NotImplementedError(function)


@EVERY_TABLE
def test_the_columns_in_the_catalog_are_those_of_a_written_file(tmp_path: Path, table: Table) -> None:
    write_table(table, (), tmp_path / "table.parquet")

    written = [
        (field.name, GLUE_TYPES[str(field.type)]) for field in pq.read_schema(tmp_path / "table.parquet")
    ]
    columns = [
        (column["Name"], column["Type"]) for column in _in_catalog(table)["StorageDescriptor"]["Columns"]
    ]
    assert columns == written


@EVERY_TABLE
def test_athena_finds_a_file_in_the_partition_of_its_date(table: Table) -> None:
    properties = _in_catalog(table)["Parameters"]
    location = properties["storage.location.template"]["Fn::Sub"].replace("${!dt}", "2026-11-26")

    key = table_key(table, "0" * 64, date(2026, 11, 26))
    assert location == f"s3://${{ResultsBucket}}/{key.rpartition('/')[0]}/"
    assert location.startswith(_in_catalog(table)["StorageDescriptor"]["Location"]["Fn::Sub"])


@EVERY_TABLE
def test_partitions_are_projected_from_days(table: Table) -> None:
    found = _in_catalog(table)
    projection = {
        name.removeprefix("projection."): value
        for name, value in found["Parameters"].items()
        if name.startswith("projection.")
    }

    assert found["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    first = projection.pop("dt.range").removesuffix(",NOW")
    assert datetime.strptime(first, "%Y-%m-%d").replace(tzinfo=UTC) < datetime.now(UTC)
    assert projection == {
        "enabled": "true",
        "dt.type": "date",
        "dt.format": "yyyy-MM-dd",
        "dt.interval": "1",
        "dt.interval.unit": "DAYS",
    }


@EVERY_TABLE
def test_athena_reads_the_files_as_parquet(table: Table) -> None:
    found = _in_catalog(table)

    assert found["TableType"] == "EXTERNAL_TABLE"
    assert (found["Parameters"]["EXTERNAL"], found["Parameters"]["classification"]) == ("TRUE", "parquet")
    descriptor = found["StorageDescriptor"]
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    assert descriptor["InputFormat"] == f"{parquet}.MapredParquetInputFormat"
    assert descriptor["OutputFormat"] == f"{parquet}.MapredParquetOutputFormat"
    assert descriptor["SerdeInfo"] == {"SerializationLibrary": f"{parquet}.serde.ParquetHiveSerDe"}

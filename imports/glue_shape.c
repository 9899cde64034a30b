#include "imports/glue_shape.h"

#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"

#include <stddef.h>

#define SHAPE(NAME, TYPE, ...)                               \
	{                                                    \
		NAME, TYPE, (const struct glue_row[])        \
		{                                            \
			__VA_ARGS__,                         \
			{                                    \
				NULL, NULL, GLUE_LEAVE, NULL \
			}                                    \
		}                                            \
	}

/* clang-format off */
static const struct glue_shape column = SHAPE("Column", &tenon__v1__column__descriptor,
	{"Name", "name", GLUE_FIELD, NULL},
	{"Type", "type", GLUE_FIELD, NULL},
	{"Comment", "comment", GLUE_FIELD, NULL},
	{"Parameters", "parameters", GLUE_FIELD, NULL});

static const struct glue_shape serde = SHAPE("SerDeInfo", &tenon__v1__ser_de__descriptor,
	{"Name", "name", GLUE_FIELD, NULL},
	{"SerializationLibrary", "library", GLUE_FIELD, NULL},
	{"Parameters", "parameters", GLUE_FIELD, NULL});

static const struct glue_shape order = SHAPE("Order", &tenon__v1__sort_column__descriptor,
	{"Column", "column", GLUE_FIELD, NULL},
	{"SortOrder", "descending", GLUE_ORDER, NULL});

static const struct glue_shape skewed = SHAPE("SkewedInfo", &tenon__v1__skewed_info__descriptor,
	{"SkewedColumnNames", "columns", GLUE_FIELD, NULL},
	{"SkewedColumnValues", "values", GLUE_FIELD, NULL},
	{"SkewedColumnValueLocationMaps", "locations", GLUE_FIELD, NULL});

static const struct glue_shape schema_id = SHAPE("SchemaId",
	&tenon__v1__schema_reference__descriptor,
	{"SchemaArn", NULL, GLUE_ARN, NULL},
	{"SchemaName", "schema", GLUE_FIELD, NULL},
	{"RegistryName", "registry", GLUE_FIELD, NULL});

static const struct glue_shape schema_reference = SHAPE("SchemaReference",
	&tenon__v1__schema_reference__descriptor,
	{"SchemaId", NULL, GLUE_SAME, &schema_id},
	{"SchemaVersionId", "version_id", GLUE_FIELD, NULL},
	{"SchemaVersionNumber", "version", GLUE_FIELD, NULL});

static const struct glue_shape storage = SHAPE("StorageDescriptor",
	&tenon__v1__storage_descriptor__descriptor,
	{"Columns", "columns", GLUE_FIELD, &column},
	{"Location", "location", GLUE_FIELD, NULL},
	{"AdditionalLocations", "additional_locations", GLUE_FIELD, NULL},
	{"InputFormat", "input_format", GLUE_FIELD, NULL},
	{"OutputFormat", "output_format", GLUE_FIELD, NULL},
	{"Compressed", "compressed", GLUE_FIELD, NULL},
	{"NumberOfBuckets", "number_of_buckets", GLUE_FIELD, NULL},
	{"SerdeInfo", "serde", GLUE_FIELD, &serde},
	{"BucketColumns", "bucket_columns", GLUE_FIELD, NULL},
	{"SortColumns", "sort_columns", GLUE_FIELD, &order},
	{"Parameters", "parameters", GLUE_FIELD, NULL},
	{"SkewedInfo", "skewed", GLUE_FIELD, &skewed},
	{"StoredAsSubDirectories", "stored_as_sub_directories", GLUE_FIELD, NULL},
	{"SchemaReference", "schema", GLUE_FIELD, &schema_reference});

static const struct glue_shape target_table = SHAPE("TargetTable",
	&tenon__v1__resource_link__descriptor,
	{"DatabaseName", "database", GLUE_FIELD, NULL},
	{"Name", "table", GLUE_FIELD, NULL});

static const struct glue_shape target_database = SHAPE("TargetDatabase",
	&tenon__v1__resource_link__descriptor,
	{"DatabaseName", "database", GLUE_FIELD, NULL});

const struct glue_shape glue_database = SHAPE("Database", &tenon__v1__database__descriptor,
	{"Name", "name", GLUE_FIELD, NULL},
	{"Description", "description", GLUE_FIELD, NULL},
	{"LocationUri", "location", GLUE_FIELD, NULL},
	{"Parameters", "parameters", GLUE_FIELD, NULL},
	{"CreateTime", "glue.create_time", GLUE_KEEP_TIME, NULL},
	{"TargetDatabase", "target", GLUE_FIELD, &target_database},
	{"CreateTableDefaultPermissions", NULL, GLUE_LEAVE, NULL},
	{"CatalogId", NULL, GLUE_LEAVE, NULL});

const struct glue_shape glue_table = SHAPE("Table", &tenon__v1__table__descriptor,
	{"Name", "name", GLUE_FIELD, NULL},
	{"DatabaseName", "database", GLUE_FIELD, NULL},
	{"Description", "description", GLUE_FIELD, NULL},
	{"Owner", "owner", GLUE_FIELD, NULL},
	{"CreateTime", "glue.create_time", GLUE_KEEP_TIME, NULL},
	{"UpdateTime", "glue.update_time", GLUE_KEEP_TIME, NULL},
	{"LastAccessTime", "last_access_time_us", GLUE_TIME, NULL},
	{"LastAnalyzedTime", "last_analyzed_time_us", GLUE_TIME, NULL},
	{"Retention", "retention", GLUE_FIELD, NULL},
	{"StorageDescriptor", "storage", GLUE_FIELD, &storage},
	{"PartitionKeys", "partition_keys", GLUE_FIELD, &column},
	{"ViewOriginalText", "view_original_text", GLUE_FIELD, NULL},
	{"ViewExpandedText", "view_expanded_text", GLUE_FIELD, NULL},
	{"TableType", "table_type", GLUE_FIELD, NULL},
	{"Parameters", "parameters", GLUE_FIELD, NULL},
	{"TargetTable", "target", GLUE_FIELD, &target_table},
	{"IsRegisteredWithLakeFormation", NULL, GLUE_LEAVE, NULL},
	{"Status", NULL, GLUE_LEAVE, NULL},
	{"VersionId", NULL, GLUE_LEAVE, NULL},
	{"CatalogId", NULL, GLUE_LEAVE, NULL});

const struct glue_shape glue_partition = SHAPE("Partition", &tenon__v1__partition__descriptor,
	{"Values", "values", GLUE_FIELD, NULL},
	{"DatabaseName", NULL, GLUE_PLACE, NULL},
	{"TableName", NULL, GLUE_PLACE, NULL},
	{"StorageDescriptor", "storage", GLUE_FIELD, &storage},
	{"Parameters", "parameters", GLUE_FIELD, NULL},
	{"CreationTime", "glue.create_time", GLUE_KEEP_TIME, NULL},
	{"LastAccessTime", "glue.last_access_time", GLUE_KEEP_TIME, NULL},
	{"LastAnalyzedTime", "glue.last_analyzed_time", GLUE_KEEP_TIME, NULL},
	{"CatalogId", NULL, GLUE_LEAVE, NULL});

static const struct glue_shape resource = SHAPE("ResourceUri",
	&tenon__v1__function_resource__descriptor,
	{"ResourceType", "type", GLUE_FIELD, NULL},
	{"Uri", "uri", GLUE_FIELD, NULL});

const struct glue_shape glue_function = SHAPE("UserDefinedFunction",
	&tenon__v1__function__descriptor,
	{"FunctionName", "name", GLUE_FIELD, NULL},
	{"DatabaseName", "database", GLUE_FIELD, NULL},
	{"ClassName", "class_name", GLUE_FIELD, NULL},
	{"OwnerName", "owner", GLUE_FIELD, NULL},
	{"OwnerType", "owner_type", GLUE_FIELD, NULL},
	{"FunctionType", "type", GLUE_FIELD, NULL},
	{"ResourceUris", "resources", GLUE_FIELD, &resource},
	{"CreateTime", NULL, GLUE_LEAVE, NULL},
	{"CatalogId", NULL, GLUE_LEAVE, NULL});

/* ---- statistics ---- */

static const struct glue_shape booleans = SHAPE("BooleanColumnStatisticsData",
	&tenon__v1__boolean_statistics__descriptor,
	{"NumberOfTrues", "trues", GLUE_FIELD, NULL},
	{"NumberOfFalses", "falses", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape longs = SHAPE("LongColumnStatisticsData",
	&tenon__v1__long_statistics__descriptor,
	{"MinimumValue", "minimum", GLUE_RANGE, NULL},
	{"MaximumValue", "maximum", GLUE_RANGE, NULL},
	{"NumberOfDistinctValues", "distinct", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape doubles = SHAPE("DoubleColumnStatisticsData",
	&tenon__v1__double_statistics__descriptor,
	{"MinimumValue", "minimum", GLUE_RANGE, NULL},
	{"MaximumValue", "maximum", GLUE_RANGE, NULL},
	{"NumberOfDistinctValues", "distinct", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape decimals = SHAPE("DecimalColumnStatisticsData",
	&tenon__v1__decimal_statistics__descriptor,
	{"MinimumValue", "minimum", GLUE_DECIMAL, NULL},
	{"MaximumValue", "maximum", GLUE_DECIMAL, NULL},
	{"NumberOfDistinctValues", "distinct", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape dates = SHAPE("DateColumnStatisticsData",
	&tenon__v1__date_statistics__descriptor,
	{"MinimumValue", "minimum_days", GLUE_DAYS, NULL},
	{"MaximumValue", "maximum_days", GLUE_DAYS, NULL},
	{"NumberOfDistinctValues", "distinct", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape strings = SHAPE("StringColumnStatisticsData",
	&tenon__v1__string_statistics__descriptor,
	{"MaximumLength", "length_max", GLUE_FIELD, NULL},
	{"AverageLength", "length_average", GLUE_FIELD, NULL},
	{"NumberOfDistinctValues", "distinct", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape binaries = SHAPE("BinaryColumnStatisticsData",
	&tenon__v1__binary_statistics__descriptor,
	{"MaximumLength", "length_max", GLUE_FIELD, NULL},
	{"AverageLength", "length_average", GLUE_FIELD, NULL},
	{"NumberOfNulls", "nulls", GLUE_ABOVE, NULL});

static const struct glue_shape data = SHAPE("StatisticsData",
	&tenon__v1__column_statistics__descriptor,
	{"Type", NULL, GLUE_REPEATS, NULL},
	{"BooleanColumnStatisticsData", "boolean", GLUE_FIELD, &booleans},
	{"LongColumnStatisticsData", "long_values", GLUE_FIELD, &longs},
	{"DoubleColumnStatisticsData", "double_values", GLUE_FIELD, &doubles},
	{"DecimalColumnStatisticsData", "decimal_values", GLUE_FIELD, &decimals},
	{"DateColumnStatisticsData", "date_values", GLUE_FIELD, &dates},
	{"StringColumnStatisticsData", "string_values", GLUE_FIELD, &strings},
	{"BinaryColumnStatisticsData", "binary_values", GLUE_FIELD, &binaries});

const struct glue_shape glue_statistics = SHAPE("ColumnStatistics",
	&tenon__v1__column_statistics__descriptor,
	{"ColumnName", "column", GLUE_FIELD, NULL},
	{"ColumnType", "type", GLUE_FIELD, NULL},
	{"AnalyzedTime", "analyzed_time_us", GLUE_TIME, NULL},
	{"StatisticsData", NULL, GLUE_SAME, &data});
/* clang-format on */

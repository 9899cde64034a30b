#include "crawler/crawl.h"
#include "tests/unit.h"

#include <stdio.h>

/* Facts of the shared lake that the formats here cover (its FACTS.jsonl). */

static struct arena *arena;

static int arena_start(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int arena_end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* What a crawl would say of a folder of the lake; skips when there is no lake. */
static Tenon__V1__InferResponse *lake_inferred(const char *prefix)
{
	struct error err;
	Tenon__V1__InferResponse *response = NULL;
	const char *lake = lake_folder();
	if (!lake) {
		print_message("the lake of real data is not here: set TENON_LAKE to its folder\n");
		skip();
		return NULL;
	}
	char *path = arena_printf(arena, "%s/%s", lake, prefix);
	assert_ok(infer_path(text_of(path), false, 2, NULL, arena, &response, &err), &err);
	return response;
}

static const char *type_of(const Tenon__V1__Inferred *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		if (strcmp(table->columns[i]->name, name) == 0)
			return table->columns[i]->type;
	}
	return "";
}

static const char *keys_of(const Tenon__V1__Inferred *table)
{
	const char *text = "";
	for (size_t i = 0; i < table->n_partition_keys; i++)
		text = arena_printf(
			arena, "%s%s%s", text, i ? "," : "", table->partition_keys[i]->name);
	return text;
}

static void every_prefix_is_one_table_of_its_rows_and_keys(void **state)
{
	(void)state;
	static const struct {
		const char *prefix, *classification, *compression;
		uint64_t rows;
		const char *keys;
	} rows[] = {
		{"legislators/persons_json", "json", "none", 537, ""},
		{"legislators/memberships_json", "json", "none", 2792, ""},
		{"legislators/organizations_json", "json", "none", 5, ""},
		{"legislators/areas_json", "json", "none", 496, ""},
		{"legislators/district_offices_json", "json", "gzip", 1312, ""},
		{"legislators_array/committees_json", "json", "none", 49, ""},
		{"legislators_array/executive_json", "json", "none", 80, ""},
		{"flights_csv", "csv", "none", 21844, "year,month"},
		{"flights_parquet", "parquet", "none", 7757, "year,month,day"},
		{"weather_csv_gz", "csv", "gzip", 26115, ""},
		{"nyc_dims/airlines", "csv", "none", 16, ""},
		{"nyc_dims/airports", "csv", "none", 1458, ""},
		{"events_drift", "json", "mixed", 1707, "dt"},
		{"public/seattle_weather", "csv", "none", 1461, ""},
		{"public/us_airports", "csv", "none", 3376, ""},
		{"public/unemployment_tsv", "csv", "none", 3218, ""},
		{"public/us_employment", "csv", "none", 120, ""},
		{"public/birdstrikes", "csv", "none", 10000, ""},
		{"public/political_contributions", "json", "none", 58, ""},
		{"public/capitals", "json", "none", 50, ""},
		{"noise", "csv", "none", 1458, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const Tenon__V1__InferResponse *response = lake_inferred(rows[i].prefix);
		if (response->n_results != 1)
			fail_msg("%s gives %zu results", rows[i].prefix, response->n_results);
		const Tenon__V1__Inferred *table = response->results[0];
		if (strcmp(table->classification, rows[i].classification) != 0 ||
			strcmp(table->compression, rows[i].compression) != 0 ||
			table->row_count != rows[i].rows || table->bad_records ||
			strcmp(keys_of(table), rows[i].keys) != 0)
			fail_msg("%s: %s %s, %llu rows, %llu bad, keys %s", rows[i].prefix,
				table->classification, table->compression,
				(unsigned long long)table->row_count,
				(unsigned long long)table->bad_records, keys_of(table));
	}
}

static void columns_have_the_types_that_all_rows_allow(void **state)
{
	(void)state;
	static const struct {
		const char *prefix, *column, *type;
	} rows[] = {
		{"flights_csv", "dep_time", "bigint"},
		{"flights_csv", "carrier", "string"},
		{"flights_csv", "time_hour", "timestamp"},
		{"flights_csv", "year", ""}, /* a key */
		{"flights_parquet", "time_hour", "timestamp"},
		{"flights_parquet", "day", ""}, /* a key */
		{"events_drift", "mag", "choice<double,string>"},
		{"events_drift", "felt", "int"},
		{"events_drift", "sources", "array<string>"},
		{"events_drift", "tsunami", "choice<boolean,int>"},
		{"events_drift", "time", "choice<bigint,string>"},
		{"legislators/memberships_json", "person_id", "string"},
		{"nyc_dims/airports", "lat", "double"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const Tenon__V1__InferResponse *response = lake_inferred(rows[i].prefix);
		const char *type = type_of(response->results[0], rows[i].column);
		if (strcmp(type, rows[i].type) != 0)
			fail_msg("%s: %s is '%s'", rows[i].prefix, rows[i].column, type);
	}
}

static void two_folders_are_two_tables(void **state)
{
	(void)state;
	const Tenon__V1__InferResponse *response = lake_inferred("nyc_dims");
	assert_int_equal(response->n_results, 2);
	assert_int_equal(response->results[0]->row_count, 16);
	assert_int_equal(response->results[1]->row_count, 1458);
}

/* One 1458-row table in many clothes: each folder is a table of its own. */
static void each_format_folder_is_a_table(void **state)
{
	(void)state;
	static const char *const folders[] = {"csv", "csv_crlf_bom", "csv_gz", "csv_gz_noext",
		"csv_noheader", "csv_quoted_all", "csv_utf16", "csv_zst", "ctrl_a", "json",
		"json_array", "json_gz", "json_pretty_concat", "parquet_brotli", "parquet_gzip",
		"parquet_lz4", "parquet_none", "parquet_snappy", "parquet_zstd", "pipe",
		"semicolon_decimal_comma", "tsv"};
	const Tenon__V1__InferResponse *response = lake_inferred("formats");
	size_t tables = 0;
	for (size_t i = 0; i < response->n_results; i++) {
		const Tenon__V1__Inferred *table = response->results[i];
		struct text path = text_of(table->path);
		if (strcmp(table->outcome, "ok") != 0)
			continue;
		struct text name = text_from(path, text_find_last(path, '/') + 1);
		if (tables >= sizeof folders / sizeof *folders)
			fail_msg("one table too many: %s", table->path);
		assert_text_equal(name, folders[tables]);
		assert_int_equal(table->row_count,
			strcmp(folders[tables], "json_pretty_concat") == 0 ? 200 : 1458);
		tables++;
	}
	assert_int_equal(tables, sizeof folders / sizeof *folders);
}

int main(void)
{
#define IN_AN_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_start, arena_end)
	const struct CMUnitTest tests[] = {
		IN_AN_ARENA(every_prefix_is_one_table_of_its_rows_and_keys),
		IN_AN_ARENA(columns_have_the_types_that_all_rows_allow),
		IN_AN_ARENA(two_folders_are_two_tables),
		IN_AN_ARENA(each_format_folder_is_a_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit.h"

#include "formats/format.h"
#include "schema/notation.h"

#include <stdio.h>
#include <stdlib.h>

/* What is known of the lake (its FACTS.jsonl and SOURCES.md). */
static const struct fact {
	const char *path;
	const char *classification;
	enum compression compression;
	const char *unsupported; /* a part of the message, or NULL: it is read */
	int64_t rows; /* -1: not inferred here */
	const char *columns; /* exact type of the row, or NULL */
} facts[] = {
	{"legislators/persons_json/persons.json", "json", COMPRESSION_NONE, NULL, 537, NULL},
	{"legislators/memberships_json/memberships.json", "json", COMPRESSION_NONE, NULL, 2792,
		NULL},
	{"legislators/organizations_json/organizations.json", "json", COMPRESSION_NONE, NULL, 5,
		NULL},
	{"legislators/areas_json/areas.json", "json", COMPRESSION_NONE, NULL, 496, NULL},
	{"legislators/district_offices_json/part-00000.json.gz", "json", COMPRESSION_GZIP, NULL,
		1312, NULL},
	{"legislators_array/committees_json/committees.json", "json", COMPRESSION_NONE, NULL, 49,
		NULL},
	{"legislators_array/executive_json/executive.json", "json", COMPRESSION_NONE, NULL, 80,
		NULL},
	{"public/political_contributions/political-contributions.json", "json", COMPRESSION_NONE,
		NULL, 58, NULL},
	{"public/capitals/us-state-capitals.json", "json", COMPRESSION_NONE, NULL, 50, NULL},
	{"formats/json/airports.json", "json", COMPRESSION_NONE, NULL, 1458,
		"struct<faa:string,name:string,lat:double,lon:double,alt:int,tz:int,dst:string,"
		"tzone:string,opened:string>"},
	{"formats/json_gz/airports.json.gz", "json", COMPRESSION_GZIP, NULL, 1458, NULL},
	{"formats/json_array/airports.json", "json", COMPRESSION_NONE, NULL, 1458,
		"struct<faa:string,name:string,lat:double,lon:double,alt:int,tz:int,dst:string,"
		"tzone:string,opened:string>"},
	{"formats/json_pretty_concat/airports.json", "json", COMPRESSION_NONE, NULL, 200,
		"struct<faa:string,name:string,lat:double,lon:double,alt:int,tz:int,dst:string,"
		"tzone:string,opened:string>"},
	{"events_drift/dt=2018-01-31/part-0000.json", "json", COMPRESSION_NONE, NULL, 198, NULL},
	{"events_drift/dt=2018-02-01/part-0000.json.gz", "json", COMPRESSION_GZIP, NULL, 231, NULL},
	{"events_drift/dt=2018-02-02/part-0000.json", "json", COMPRESSION_NONE, NULL, 242, NULL},
	{"events_drift/dt=2018-02-03/part-0000.json.gz", "json", COMPRESSION_GZIP, NULL, 259, NULL},
	{"events_drift/dt=2018-02-04/part-0000.json", "json", COMPRESSION_NONE, NULL, 301, NULL},
	{"events_drift/dt=2018-02-05/part-0000.json.gz", "json", COMPRESSION_GZIP, NULL, 249, NULL},
	{"events_drift/dt=2018-02-06/part-0000.json", "json", COMPRESSION_NONE, NULL, 213, NULL},
	{"events_drift/dt=2018-02-07/part-0000.json.gz", "json", COMPRESSION_GZIP, NULL, 14, NULL},
	{"flights_parquet/year=2013/month=1/day=1/part-00000.snappy.parquet", "parquet",
		COMPRESSION_NONE, NULL, 842, NULL},
	{"formats/json_bz2/airports.json.bz2", "UNKNOWN", COMPRESSION_NONE, "bzip2", -1, NULL},
	{"formats/csv_snappy_framed/airports.csv.snappy", "UNKNOWN", COMPRESSION_NONE, "snappy", -1,
		NULL},
	{"formats/parquet_snappy/airports.snappy.parquet", "parquet", COMPRESSION_NONE, NULL, 1458,
		"struct<faa:string,name:string,lat:double,lon:double,alt:bigint,tz:bigint,"
		"dst:string,tzone:string,opened:date>"},
	{"formats/parquet_none/airports.none.parquet", "parquet", COMPRESSION_NONE, NULL, 1458,
		NULL},
	{"formats/parquet_gzip/airports.gzip.parquet", "parquet", COMPRESSION_NONE, NULL, 1458,
		NULL},
	{"formats/parquet_zstd/airports.zstd.parquet", "parquet", COMPRESSION_NONE, NULL, 1458,
		NULL},
	{"formats/parquet_lz4/airports.lz4.parquet", "parquet", COMPRESSION_NONE, NULL, 1458, NULL},
	{"formats/parquet_brotli/airports.brotli.parquet", "parquet", COMPRESSION_NONE, NULL, 1458,
		NULL},
	{"formats/orc_zlib/airports.zlib.orc", "orc", COMPRESSION_NONE, "orc", -1, NULL},
	{"formats/avro_null/airports.null.avro", "avro", COMPRESSION_NONE, "avro", -1, NULL},
	{"formats/csv_gz_noext/airports", "csv", COMPRESSION_GZIP, NULL, 1458, NULL},
	{"formats/csv_utf16/airports.csv", "csv", COMPRESSION_NONE, NULL, 1458, NULL},
	{"formats/pipe/airports.psv", "csv", COMPRESSION_NONE, NULL, 1458, NULL},
	{"public/us_employment/us-employment.csv", "csv", COMPRESSION_NONE, NULL, 120, NULL},
	{"xml/offices/offices.xml", "xml", COMPRESSION_NONE, "xml", -1, NULL},
	{"logs/auth/auth.log", "syslog", COMPRESSION_NONE, "syslog", -1, NULL},
	{"logs/access/access.log", "combined_apache", COMPRESSION_NONE, "combined_apache", -1,
		NULL},
	{"logs/access/access.log.1.gz", "combined_apache", COMPRESSION_GZIP, "combined_apache", -1,
		NULL},
};

static void check_fact(const char *lake, const struct fact *fact)
{
	struct error err;
	OWNED(arena) arena = arena_new();
	OWNED(store) store = NULL;
	char *path = arena_printf(arena, "%s/%s", lake, fact->path);
	struct text location;
	struct object object;
	struct inferred inferred;
	const struct format *format = NULL;
	assert_ok(store_open(text_of("/"), &store, &err), &err);
	assert_ok(location_normal(arena, text_of(path), &location, &err), &err);
	assert_ok(store_stat(store, location, arena, &object, &err), &err);
	assert_ok(format_classify(store, &object, arena, &inferred, &format, &err), &err);
	if (strcmp(inferred.classification, fact->classification) != 0)
		fail_msg("%s is %s", fact->path, inferred.classification);
	assert_int_equal(inferred.compression, fact->compression);
	assert_non_null(inferred.libmagic);
	assert_int_equal(format == NULL, fact->unsupported != NULL);
	if (fact->unsupported)
		assert_non_null(strstr(inferred.unsupported, fact->unsupported));
	if (fact->rows < 0)
		return;
	assert_ok(format_infer(format, store, &object, 2, NULL, arena, &inferred, &err), &err);
	if (inferred.rows != (uint64_t)fact->rows || inferred.bad_records != 0)
		fail_msg("%s has %llu rows, %llu bad", fact->path,
			(unsigned long long)inferred.rows,
			(unsigned long long)inferred.bad_records);
	assert_int_equal(inferred.typed, strcmp(fact->classification, "csv") != 0);
	if (fact->columns)
		assert_string_equal(type_text_exact(arena, inferred.row), fact->columns);
}

static void the_lakes_objects_are_what_is_known_of_them(void **state)
{
	(void)state;
	const char *lake = lake_folder();
	if (!lake) {
		print_message("the lake is not here: skipped\n");
		skip();
	}
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		check_fact(lake, &facts[i]);
}

static const char *classification_of(struct text bytes)
{
	const struct object object = {.path = TEXT("/x"), .bytes = bytes.length};
	const struct format *format = NULL;
	(void)format_of_heads(&object, bytes, bytes, true, &format);
	return format ? format_name(format) : "UNKNOWN";
}

static void bytes_alone_decide_a_classification(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct text bytes;
		const char *classification;
	} rows[] = {
		{"an object", TEXT("{\"a\":1}"), "json"},
		{"objects in one line", TEXT("{\"a\":1}{\"a\":2}"), "json"},
		{"behind a byte order mark", TEXT("\xef\xbb\xbf {\"a\":1}\n"), "json"},
		{"in UTF-16",
			TEXT("\xff\xfe{\0\"\0a\0\"\0:\0"
			     "1\0}\0"),
			"json"},
		{"a bad first record", TEXT("{\"a\":NaN}\n{\"a\":NaN}\n"), "json"},
		{"an empty array", TEXT("[]"), "json"},
		{"numbers in an array", TEXT("[1,2]"), "json"},
		{"an INI file", TEXT("[section]\nkey=value\n"), "UNKNOWN"},
		{"a program", TEXT("{ int x; }\n"), "UNKNOWN"},
		{"Avro", TEXT("Obj\x01\x04"), "avro"},
		{"XML", TEXT("<?xml version='1.0'?><a/>"), "xml"},
		{"BSON",
			TEXT("\x0c\0\0\0\x10"
			     "a\0\1\0\0\0\0"),
			"bson"},
		{"Ion", TEXT("\xe0\x01\x00\xea\x20"), "ion"},
		{"the common log",
			TEXT("::1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326\n"),
			"apache"},
		{"a table", TEXT("a,b\n1,2\n3,4\n"), "csv"},
		{"prose",
			TEXT("It was a bright cold day in April.\nThe clocks were striking "
			     "thirteen.\nWinston slipped quickly through the doors.\n"),
			"UNKNOWN"},
		{"nothing", TEXT(""), "UNKNOWN"},
		{"a program for a machine",
			TEXT("\x7f"
			     "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0"),
			"UNKNOWN"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *got = classification_of(rows[i].bytes);
		if (strcmp(got, rows[i].classification) != 0)
			fail_msg("%s is %s", rows[i].label, got);
	}
}

static void random_bytes_are_unknown(void **state)
{
	(void)state;
	char bytes[4096];
	srand(11);
	for (int round = 0; round < 200; round++) {
		size_t length = 32 + (size_t)rand() % (sizeof bytes - 32);
		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)rand();
		const char *got = classification_of((struct text){bytes, length});
		if (strcmp(got, "UNKNOWN") != 0)
			fail_msg("round %d is %s", round, got);
	}
}

static void only_formats_that_are_read_can_be_found(void **state)
{
	(void)state;
	assert_non_null(format_find("json"));
	assert_true(format_can_read(format_find("json")));
	assert_false(format_can_read(format_find("parquet")));
	assert_null(format_find("avro"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lakes_objects_are_what_is_known_of_them),
		cmocka_unit_test(bytes_alone_decide_a_classification),
		cmocka_unit_test(random_bytes_are_unknown),
		cmocka_unit_test(only_formats_that_are_read_can_be_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

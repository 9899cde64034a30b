#include "base/buffer.h"
#include "schema/notation.h"
#include "storage/store.h"
#include "tests/formats/csv_rows.h"
#include "tests/unit.h"

#include <limits.h>

#define AIRPORTS                                                                            \
	"struct<faa:string,name:string,lat:double,lon:double,alt:bigint53,tz:bigint53,dst:" \
	"string,tzone:string,opened:date>"
#define AIRPORTS_BY_POSITION                                                         \
	"struct<col0:string,col1:string,col2:double,col3:double,col4:bigint53,col5:" \
	"bigint53,col6:string,col7:string,col8:date>"
#define FLIGHTS                                                                               \
	"struct<day:bigint53,dep_time:bigint53,sched_dep_time:bigint53,dep_delay:bigint53,"   \
	"arr_time:bigint53,sched_arr_time:bigint53,arr_delay:bigint53,carrier:string,flight:" \
	"bigint53,tailnum:string,origin:string,dest:string,air_time:bigint53,distance:"       \
	"bigint53,hour:bigint53,minute:bigint53,time_hour:timestamp>"

/* Facts of the lake's FACTS.jsonl and SOURCES.md, one row per prefix. */
static const struct {
	const char *prefix;
	uint64_t rows;
	const char *type; /* NULL: not stated */
	char delimiter;
	bool header;
	enum compression compression;
	const char *encoding;
} facts[] = {
	{"formats/csv", 1458, AIRPORTS, ',', true, COMPRESSION_NONE, "utf-8"},
	{"formats/csv_crlf_bom", 1458, AIRPORTS, ',', true, COMPRESSION_NONE, "utf-8"},
	{"formats/csv_gz", 1458, AIRPORTS, ',', true, COMPRESSION_GZIP, "utf-8"},
	{"formats/csv_gz_noext", 1458, AIRPORTS, ',', true, COMPRESSION_GZIP, "utf-8"},
	{"formats/csv_zst", 1458, AIRPORTS, ',', true, COMPRESSION_ZSTD, "utf-8"},
	{"formats/csv_noheader", 1458, AIRPORTS_BY_POSITION, ',', false, COMPRESSION_NONE, "utf-8"},
	{"formats/csv_quoted_all", 1458, AIRPORTS, ',', true, COMPRESSION_NONE, "utf-8"},
	{"formats/csv_utf16", 1458, AIRPORTS, ',', true, COMPRESSION_NONE, "utf-16le"},
	{"formats/ctrl_a", 1458, AIRPORTS_BY_POSITION, '\x01', false, COMPRESSION_NONE, "utf-8"},
	{"formats/pipe", 1458, AIRPORTS, '|', true, COMPRESSION_NONE, "utf-8"},
	{"formats/tsv", 1458, AIRPORTS, '\t', true, COMPRESSION_NONE, "utf-8"},
	{"formats/semicolon_decimal_comma", 1458, AIRPORTS, ';', true, COMPRESSION_NONE, "utf-8"},
	{"noise", 1458, AIRPORTS, ',', true, COMPRESSION_NONE, "utf-8"},
	{"flights_csv", 21844, FLIGHTS, ',', true, COMPRESSION_NONE, "utf-8"},
	{"weather_csv_gz", 26115, NULL, ',', true, COMPRESSION_GZIP, "utf-8"},
	{"nyc_dims/airlines", 16, "struct<carrier:string,name:string>", ',', true, COMPRESSION_NONE,
		"utf-8"},
	{"nyc_dims/airports", 1458, NULL, ',', true, COMPRESSION_NONE, "utf-8"},
	{"public/seattle_weather", 1461, NULL, ',', true, COMPRESSION_NONE, "utf-8"},
	{"public/us_airports", 3376, NULL, ',', true, COMPRESSION_NONE, "utf-8"},
	{"public/unemployment_tsv", 3218, "struct<id:bigint53,rate:double>", '\t', true,
		COMPRESSION_NONE, "utf-8"},
	{"public/us_employment", 120, NULL, ',', true, COMPRESSION_NONE, "utf-8"},
	{"public/birdstrikes", 10000, NULL, ',', true, COMPRESSION_NONE, "utf-8"},
};

static double classified(struct store *store, const struct object *object)
{
	struct error err;
	OWNED(source) source = NULL;
	struct text head;
	bool whole;
	assert_ok(source_open(store, object, &source, &err), &err);
	assert_ok(source_peek(source, FORMAT_HEAD_BYTES, &head, &whole, &err), &err);
	return format_csv.classify(object, head, head, whole);
}

static uint64_t check_object(
	struct store *store, const struct object *object, size_t fact, struct arena *arena)
{
	struct error err;
	struct rows rows;
	struct inferred inferred = {0};
	struct csv_input input = {.store = store, .object = object};
	assert_true(classified(store, object) == 1);
	assert_ok(format_csv.infer(store, object, 2, NULL, arena, &inferred, &err), &err);
	const char *type = type_text_exact(arena, inferred.row);
	if (facts[fact].type && strcmp(type, facts[fact].type) != 0)
		fail_msg("%s: %s", facts[fact].prefix, type);
	assert_int_equal(inferred.dialect.delimiter, facts[fact].delimiter);
	assert_int_equal(inferred.dialect.header, facts[fact].header);
	assert_string_equal(inferred.dialect.encoding, facts[fact].encoding);
	assert_int_equal(inferred.bad_records, 0);
	assert_ok(rows_read(&input, &inferred.dialect, inferred.row, inferred.row->count, &rows,
			  &err),
		&err);
	assert_int_equal(rows.count, inferred.rows);
	assert_int_equal(rows.bad_values, 0);
	return inferred.rows;
}

static void every_text_table_of_the_lake_is_as_its_facts_say(void **state)
{
	(void)state;
	const char *lake = lake_folder();
	char folder[PATH_MAX];
	if (!lake || !realpath(lake, folder)) {
		print_message("no lake here: skipped\n");
		skip();
	}
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		OWNED(arena) arena = arena_new();
		OWNED(store) store = NULL;
		struct error err;
		struct listing listing;
		struct text prefix = text_of(arena_printf(arena, "%s/%s", folder, facts[i].prefix));
		assert_ok(store_open(prefix, &store, &err), &err);
		assert_ok(store_list(store, prefix, arena, &listing, &err), &err);
		uint64_t total = 0;
		for (size_t n = 0; n < listing.count; n++) {
			OWNED(source) source = NULL;
			assert_ok(source_open(store, &listing.objects[n], &source, &err), &err);
			assert_int_equal(source_compression(source), facts[i].compression);
			total += check_object(store, &listing.objects[n], i, arena);
		}
		if (total != facts[i].rows)
			fail_msg("%s: %lu rows", facts[i].prefix, (unsigned long)total);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_table_of_the_lake_is_as_its_facts_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit.h"

#include "engine/engine.h"
#include "tests/etl/fake_host.h"

#include <unistd.h>

/* Every prefix of the lake that our readers cover, read by path and written twice:
 * as many rows come out as the lake's facts say (FACTS.jsonl). */
static const struct {
	const char *prefix;
	uint64_t rows;
} facts[] = {
	{"legislators/persons_json", 537},
	{"legislators/memberships_json", 2792},
	{"legislators/organizations_json", 5},
	{"legislators/areas_json", 496},
	{"legislators/district_offices_json", 1312},
	{"legislators_array/committees_json", 49},
	{"legislators_array/executive_json", 80},
	{"flights_csv", 21844},
	{"flights_parquet", 7757},
	{"weather_csv_gz", 26115},
	{"nyc_dims/airlines", 16},
	{"nyc_dims/airports", 1458},
	{"events_drift", 1707},
	{"public/seattle_weather", 1461},
	{"public/us_airports", 3376},
	{"public/unemployment_tsv", 3218},
	{"public/us_employment", 120},
	{"public/birdstrikes", 10000},
	{"public/political_contributions", 58},
	{"public/capitals", 50},
	{"noise", 1458},
};

static enum status run(struct host *host, const char *source, const char *folder, bool resolve,
	const char *format, struct error *err)
{
	struct arena *arena = host->arena;
	Tenon__V1__Node nodes[3], *list[3];
	char names[3][8] = {"in", "mid", "out"}, *inputs[2] = {names[0], names[1]};
	Tenon__V1__Source from = TENON__V1__SOURCE__INIT;
	Tenon__V1__ResolveChoice choices = TENON__V1__RESOLVE_CHOICE__INIT;
	Tenon__V1__Target to = TENON__V1__TARGET__INIT;
	Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	Tenon__V1__JobTask task = TENON__V1__JOB_TASK__INIT;
	for (size_t i = 0; i < 3; i++) {
		tenon__v1__node__init(&nodes[i]);
		nodes[i].name = names[i];
		nodes[i].inputs = i ? &inputs[i - 1] : NULL;
		nodes[i].n_inputs = i > 0;
		list[i] = &nodes[i];
	}
	from.path = arena_text(arena, text_of(source));
	to.path = arena_text(arena, text_of(folder));
	to.format = arena_text(arena, text_of(format));
	choices.choice = arena_text(arena, TEXT("make_struct"));
	nodes[0].kind_case = TENON__V1__NODE__KIND_SOURCE;
	nodes[0].source = &from;
	nodes[1].kind_case = TENON__V1__NODE__KIND_RESOLVE_CHOICE;
	nodes[1].resolve_choice = &choices;
	nodes[2].kind_case = TENON__V1__NODE__KIND_TARGET;
	nodes[2].target = &to;
	if (!resolve)
		nodes[2].inputs = &inputs[0];
	plan.nodes = list;
	plan.n_nodes = 3;
	job.plan = &plan;
	task.job = &job;
	task.threads = 2;
	struct etl_host calls = host_of(host);
	return etl_run("r1", &task, &calls, arena, err);
}

static uint64_t count(const char *folder, const char *reader)
{
	struct error err;
	char sql[256];
	uint64_t rows = 0;
	size_t batch = 0;
	OWNED(engine) engine = NULL;
	OWNED(engine_result) result = NULL;
	struct engine_limits limits = {.threads = 1};
	assert_ok(engine_open(&limits, &engine, &err), &err);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", reader);
	char *at = strchr(sql, '@');
	char tail[128];
	snprintf(tail, sizeof tail, "%s", at + 1);
	snprintf(at, sizeof sql - (size_t)(at - sql), "%s%s", folder, tail);
	assert_ok(engine_query(engine, text_of(sql), &result, &err), &err);
	assert_ok(engine_result_next(result, &batch, &err), &err);
	text_uint64(engine_result_text(result, 0, 0), &rows);
	return rows;
}

static void every_fact_of_the_lake_is_read_and_written(void **state)
{
	(void)state;
	if (!lake_folder()) {
		print_message("the lake is not here: skipped\n");
		skip();
	}
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		for (size_t parquet = 0; parquet < 2; parquet++) {
			char folder[] = "/tmp/etl_lake_XXXXXX", source[256], command[64];
			assert_non_null(mkdtemp(folder));
			OWNED(arena) arena = arena_new();
			struct host host = {.arena = arena};
			struct error err;
			snprintf(source, sizeof source, "%s/%s", lake_folder(), facts[i].prefix);
			enum status status = run(
				&host, source, folder, parquet, parquet ? "parquet" : "json", &err);
			if (status != STATUS_OK)
				fail_msg("%s: %s", facts[i].prefix, err.message);
			const Tenon__V1__RunStats *stats = host.commit->stats;
			uint64_t got = count(folder,
				parquet ? "read_parquet('@/*')"
					: "read_csv('@/*', sep='', quote='', header=false,"
					  " columns={'line': 'VARCHAR'}, max_line_size=20000000)");
			if (got != facts[i].rows || stats->rows_read != got || stats->bad_records)
				fail_msg("%s: %llu rows, %llu read, %llu bad", facts[i].prefix,
					(unsigned long long)got,
					(unsigned long long)stats->rows_read,
					(unsigned long long)stats->bad_records);
			snprintf(command, sizeof command, "rm -r %s", folder);
			assert_int_equal(system(command), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_of_the_lake_is_read_and_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

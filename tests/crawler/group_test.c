#include "crawler/keys.h"
#include "crawler/names.h"
#include "crawler/similar.h"
#include "tests/crawler/lake.h"

/* "root[keys] objects columns" of each group, one per line. */
static const char *described(struct lake *lake, const struct groups *groups)
{
	const char *text = "";
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->at[i];
		const struct text *keys = keys_of_group(lake->found, group, lake->arena);
		text = arena_printf(lake->arena, "%s%.*s", text, TEXT_ARG(group->root));
		for (size_t key = 0; key < group->levels; key++)
			text = arena_printf(lake->arena, "%s%s%.*s", text, key ? "," : "[",
				TEXT_ARG(keys[key]));
		text = arena_printf(lake->arena, "%s%s %zu %s\n", text, group->levels ? "]" : "",
			group->count, type_text_exact(lake->arena, group->row));
	}
	return text;
}

static void assert_groups(const char *label, const char *objects,
	const struct group_options *options, const char *expected)
{
	struct lake lake;
	struct groups groups;
	lake_make(&lake, objects);
	groups_find(lake.found, lake.count, TEXT("/t"), options, lake.rows, lake.arena, &groups);
	const char *got = described(&lake, &groups);
	if (strcmp(got, expected) != 0)
		fail_msg("%s: got\n%sexpected\n%s", label, got, expected);
	lake_done(&lake);
}

static const struct {
	const char *label, *objects, *groups;
} rows[] = {
	{"one file in a folder is the folder's table", "/t/a.csv csv a:int\n",
		"/t 1 struct<a:int>\n"},
	{"files of one folder are one table, joined",
		"/t/a.json json a:int,b:string\n/t/b.json json a:double,b:string\n",
		"/t 2 struct<a:double,b:string>\n"},
	{"files of one folder that have nothing in common are tables each",
		"/t/a.json json a:int,b:int\n/t/b.json json x:int,y:int\n",
		"/t/a.json 1 struct<a:int,b:int>\n/t/b.json 1 struct<x:int,y:int>\n"},
	{"another format beside is a table of its own, and so is each",
		"/t/a.csv csv a:int\n/t/b.json json a:int\n",
		"/t/a.csv 1 struct<a:int>\n/t/b.json 1 struct<a:int>\n"},
	{"another delimiter is not compatible", "/t/a.csv csv, a:int\n/t/b.csv csv; a:int\n",
		"/t/a.csv 1 struct<a:int>\n/t/b.csv 1 struct<a:int>\n"},
	{"an object of no table disturbs nobody", "/t/README\n/t/a.csv csv a:int\n/t/x/y\n",
		"/t 1 struct<a:int>\n"},
	{"folders with different columns are tables",
		"/t/airlines/a.csv csv carrier:string,name:string\n"
		"/t/airports/b.csv csv faa:string,name:string,lat:double,lon:double\n",
		"/t/airlines 1 struct<carrier:string,name:string>\n"
		"/t/airports 1 struct<faa:string,name:string,lat:double,lon:double>\n"},
	{"folders with equal columns are partitions of the folder above",
		"/t/2019/a.csv csv a:int,b:int\n/t/2020/a.csv csv a:int,b:int\n",
		"/t[partition_0] 2 struct<a:int,b:int>\n"},
	{"key=value folders name their keys",
		"/t/Year=2013/month=1/a.csv csv a:int\n/t/Year=2013/month=2/a.csv csv a:int\n",
		"/t[year,month] 2 struct<a:int>\n"},
	{"a lone key=value folder is a partition already", "/t/dt=1/a.json json a:int\n",
		"/t[dt] 1 struct<a:int>\n"},
	{"a lone plain folder keeps its own name", "/t/data/a.json json a:int\n",
		"/t/data 1 struct<a:int>\n"},
	{"a lone plain folder is a level once there are siblings above",
		"/t/a/2019/x.json json a:int\n/t/b/2019/x.json json a:int\n/t/b/2020/x.json json "
		"a:int\n",
		"/t[partition_0,partition_1] 3 struct<a:int>\n"},
	{"key=value folders may drift much",
		"/t/dt=1/a.json json a:int,b:int,c:int\n/t/dt=2/a.json json a:string,b:int,d:int\n",
		"/t[dt] 2 struct<a:choice<int,string>,b:int,c:int,d:int>\n"},
	{"key=value folders with nothing in common are tables",
		"/t/year=2017/a.json json a:int,b:int\n/t/year=2018/a.json json c:int,d:int\n",
		"/t/year=2017 1 struct<a:int,b:int>\n/t/year=2018 1 struct<c:int,d:int>\n"},
	{"mixed styles on one level are partition_N",
		"/t/2019/a.csv csv a:int\n/t/y=2020/a.csv csv a:int\n",
		"/t[partition_0] 2 struct<a:int>\n"},
	{"other depths are not compatible",
		"/t/a/1/x.csv csv a:int\n/t/a/2/x.csv csv a:int\n/t/b/x.csv csv a:int\n",
		"/t/a[partition_0] 2 struct<a:int>\n/t/b 1 struct<a:int>\n"},
	{"a file beside folders is a table, and parts them",
		"/t/2019/a.csv csv a:int\n/t/2020/a.csv csv a:int\n/t/x.csv csv a:int\n",
		"/t/2019 1 struct<a:int>\n/t/2020 1 struct<a:int>\n/t/x.csv 1 struct<a:int>\n"},
	{"a file beside key=value folders leaves them together",
		"/t/dt=1/a.csv csv a:int\n/t/dt=2/a.csv csv a:int\n/t/x.csv csv b:int\n",
		"/t[dt] 2 struct<a:int>\n/t/x.csv 1 struct<b:int>\n"},
	{"three of four is a majority: the fourth joins them",
		"/t/a.json json a:int,b:int\n/t/b.json json a:int,b:int\n"
		"/t/c.json json a:int,b:int\n/t/d.json json x:int,y:int\n",
		"/t 4 struct<a:int,b:int,x:int,y:int>\n"},
	{"two of three is none",
		"/t/a.json json a:int,b:int\n/t/b.json json a:int,b:int\n/t/c.json json "
		"x:int,y:int\n",
		"/t/a.json 1 struct<a:int,b:int>\n/t/b.json 1 struct<a:int,b:int>\n"
		"/t/c.json 1 struct<x:int,y:int>\n"},
	{"columns in another order are the same columns",
		"/t/a.csv csv a:int,b:string\n/t/b.csv csv b:string,a:int\n",
		"/t 2 struct<a:int,b:string>\n"},
	{"an empty column fits any", "/t/a.csv csv a:null\n/t/b.csv csv a:date\n",
		"/t 2 struct<a:date>\n"},
	{"one key on two levels is named once",
		"/t/a=1/a=2/x.csv csv c:int\n/t/a=1/a=3/x.csv csv c:int\n",
		"/t[a,partition_1] 2 struct<c:int>\n"},
	{"names that sort between a folder and its objects do not part it",
		"/t/a-b/x.csv csv c:int\n/t/a.csv\n/t/a/x.csv csv d:int\n",
		"/t/a 1 struct<d:int>\n/t/a-b 1 struct<c:int>\n"},
	{"nothing gives nothing", "", ""},
};

static void folders_become_tables_and_keys(void **state)
{
	(void)state;
	struct group_options options = {0};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_groups(rows[i].label, rows[i].objects, &options, rows[i].groups);
}

static void combining_drops_the_similarity_test_only(void **state)
{
	(void)state;
	struct group_options options = {.combine_compatible = true};
	assert_groups("years of other columns",
		"/t/year=2017/a.json json a:int\n/t/year=2018/a.json json c:int\n", &options,
		"/t[year] 2 struct<a:int,c:int>\n");
	assert_groups("years of other formats",
		"/t/year=2017/a.json json a:int\n/t/year=2018/a.csv csv c:int\n", &options,
		"/t/year=2017 1 struct<a:int>\n/t/year=2018 1 struct<c:int>\n");
}

static void a_table_level_is_obeyed(void **state)
{
	(void)state;
	static const char objects[] = "/t/a/x/1.csv csv a:int\n/t/a/y/1.csv csv b:int\n"
				      "/t/b/x/1.csv csv a:int\n/t/b/x/2.json json a:int\n";
	struct group_options second = {.table_level = 2};
	assert_groups("level 2", objects, &second,
		"/t/a[partition_0] 2 struct<a:int,b:int>\n/t/b[partition_0] 1 struct<a:int>\n"
		"/t/b/x/2.json 1 struct<a:int>\n");
	struct group_options first = {.table_level = 1};
	assert_groups("level 1", objects, &first,
		"/t[partition_0,partition_1] 3 struct<a:int,b:int>\n"
		"/t/b/x/2.json 1 struct<a:int>\n");
}

static void a_target_that_is_an_object_is_a_table(void **state)
{
	(void)state;
	struct lake lake;
	struct groups groups;
	struct group_options options = {0};
	lake_make(&lake, "/t/a.csv csv a:int\n");
	groups_find(lake.found, 1, TEXT("/t/a.csv"), &options, lake.rows, lake.arena, &groups);
	assert_string_equal(described(&lake, &groups), "/t/a.csv 1 struct<a:int>\n");
	lake_done(&lake);
}

static void every_object_with_a_row_is_in_one_group(void **state)
{
	(void)state;
	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		for (uint32_t level = 0; level < 4; level++) {
			struct lake lake;
			struct groups groups;
			struct group_options options = {.table_level = level};
			size_t seen[64] = {0};
			lake_make(&lake, rows[row].objects);
			groups_find(lake.found, lake.count, TEXT("/t"), &options, lake.rows,
				lake.arena, &groups);
			for (size_t i = 0; i < groups.count; i++) {
				for (size_t k = 0; k < groups.at[i].count; k++)
					seen[groups.at[i].members[k]]++;
			}
			for (size_t i = 0; i < lake.count; i++)
				assert_int_equal(seen[i], lake.found[i].row != NULL);
			lake_done(&lake);
		}
	}
}

static void values_are_decoded_from_paths(void **state)
{
	(void)state;
	struct lake lake;
	struct groups groups;
	struct group_options options = {0};
	lake_make(&lake, "/t/day=a%20b%2Fc/x=100%/1.csv csv a:int\n"
			 "/t/day=z/x=/1.csv csv a:int\n");
	groups_find(lake.found, 2, TEXT("/t"), &options, lake.rows, lake.arena, &groups);
	assert_int_equal(groups.count, 1);
	struct text *keys = keys_of_group(lake.found, &groups.at[0], lake.arena);
	struct text *values =
		key_values(&groups.at[0], keys, lake.found[0].object->path, lake.arena);
	assert_text_equal(values[0], "a b/c");
	assert_text_equal(values[1], "100%");
	values = key_values(&groups.at[0], keys, lake.found[1].object->path, lake.arena);
	assert_text_equal(values[1], "");
	lake_done(&lake);
}

static void names_are_plain_and_never_meet(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct group at[] = {{.root = TEXT("/a/Orders 2020")}, {.root = TEXT("/b/orders.2020")},
		{.root = TEXT("/c/x.csv.gz")}, {.root = TEXT("/")}, {.root = TEXT("s3://b/größe")}};
	struct groups groups = {at, 5};
	char **names = names_of_groups(&groups, "p_", arena);
	assert_string_equal(names[0], "p_orders_2020");
	assert_int_equal(strlen(names[1]), strlen("p_orders_2020_") + 32);
	assert_string_equal(names[2], "p_x_csv_gz");
	assert_string_equal(names[3], "p_");
	assert_string_equal(names[4], "p_gr____e");
	char *path = arena_alloc(arena, 401);
	memset(path, 'x', 400);
	at[0].root = (struct text){path, 400};
	at[1].root = (struct text){path, 399};
	names = names_of_groups(&groups, "", arena);
	assert_int_equal(strlen(names[0]), TABLE_NAME_BYTES);
	assert_true(strlen(names[1]) <= TABLE_NAME_BYTES);
	assert_string_not_equal(names[0], names[1]);
}

static void similarity_is_symmetric_and_bounded(void **state)
{
	(void)state;
	struct lake lake;
	lake_make(&lake, "/1 json a:int,b:int\n/2 json a:double,b:int\n/3 json a:string,b:int\n"
			 "/4 json c:int\n/5 json a:null\n/6 json a:choice<int,string>,b:date\n");
	static const double expected[6][6] = {
		{1, 1, 0.75, 0, 0.5, 0.75},
		{1, 1, 0.75, 0, 0.5, 0.75},
		{0.75, 0.75, 1, 0, 0.5, 0.75},
		{0, 0, 0, 1, 0, 0},
		{0.5, 0.5, 0.5, 0, 1, 0.5},
		{0.75, 0.75, 0.75, 0, 0.5, 1},
	};
	for (size_t i = 0; i < 6; i++) {
		for (size_t k = 0; k < 6; k++)
			assert_float_equal(rows_similarity(lake.found[i].row, lake.found[k].row),
				expected[i][k], 1e-9);
	}
	lake_done(&lake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_become_tables_and_keys),
		cmocka_unit_test(combining_drops_the_similarity_test_only),
		cmocka_unit_test(a_table_level_is_obeyed),
		cmocka_unit_test(a_target_that_is_an_object_is_a_table),
		cmocka_unit_test(every_object_with_a_row_is_in_one_group),
		cmocka_unit_test(values_are_decoded_from_paths),
		cmocka_unit_test(names_are_plain_and_never_meet),
		cmocka_unit_test(similarity_is_symmetric_and_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

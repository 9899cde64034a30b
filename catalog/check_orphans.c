#include "catalog/check_rows.h"
#include "catalog/key.h"

#include <inttypes.h>

/* What is kept by a table's id has its table. */

enum { ID_BYTES = 8 };

static enum status orphan_check(
	struct check *check, struct text id, const char *what, struct error *err)
{
	bool found = false;
	if (id.length >= ID_BYTES)
		TRY(check_has_table(check, key_u64(id.at), &found, err));
	if (!found)
		check_found(check, what, "is of table %" PRIu64 ", which is not there",
			id.length >= ID_BYTES ? key_u64(id.at) : 0);
	return STATUS_OK;
}

static enum status begins_with_a_table(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	return orphan_check(check, key, "a record", err);
}

static enum status all_or_a_table(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	bool of_all = key.length == ID_BYTES && key_u64(key.at) == 0;
	return of_all ? STATUS_OK : orphan_check(check, key, "a retention", err);
}

static enum status tags_have_their_table(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	static const char kind[] = "table"; /* with its NUL */
	if (!text_starts(key, (struct text){kind, sizeof kind}))
		return STATUS_OK;
	return orphan_check(check, text_from(key, sizeof kind), "a resource with tags", err);
}

static const struct check_row rows[] = {
	{"orphan-versions", DB_VERSIONS, NULL, begins_with_a_table, NULL},
	{"orphan-pins", DB_PINS, NULL, begins_with_a_table, NULL},
	{"orphan-retention", DB_RETENTION, NULL, all_or_a_table, NULL},
	{"orphan-partitions", DB_PARTITIONS, NULL, begins_with_a_table, NULL},
	{"orphan-statistics", DB_STATISTICS, NULL, begins_with_a_table, NULL},
	{"orphan-conflicts", DB_CONFLICTS, NULL, begins_with_a_table, NULL},
	{"orphan-tags", DB_TAGS, NULL, tags_have_their_table, NULL},
};

const struct check_rows check_orphans = CHECK_ROWS(rows);

#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "catalog/table.h"

#include <inttypes.h>

static char *full_name(struct check *check, const Tenon__V1__Table *table)
{
	return arena_printf(check->arena, "%s.%s", table->database, table->name);
}

/* NULL, and told, when the id leads to no table that unpacks. */
static enum status table_of(struct check *check, const char *place, uint64_t id,
	Tenon__V1__Table **table_out, struct error *err)
{
	char bytes[8];
	void *found;
	*table_out = NULL;
	enum status status = store_message(check->txn, DB_TABLES, key_u64_text(id, bytes),
		&tenon__v1__table__descriptor, check->arena, &found, err);
	if (status == STATUS_OK)
		*table_out = found;
	if (!*table_out)
		check_found(check, place, "names table %" PRIu64 ", which is not there", id);
	return STATUS_OK;
}

static enum status name_leads_to_its_table(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	size_t end = text_find(key, 0);
	struct text database = text_until(key, end);
	struct text name = text_from(key, end + 1);
	const char *place =
		arena_printf(check->arena, "%.*s.%.*s", TEXT_ARG(database), TEXT_ARG(name));
	if (value.length != 8) {
		check_found(check, place, "the table's id has %zu bytes", value.length);
		return STATUS_OK;
	}
	Tenon__V1__Table *table;
	TRY(table_of(check, place, key_u64(value.at), &table, err));
	if (table && (!text_equal(text_of(table->database), database) ||
			     !text_equal(text_of(table->name), name)))
		check_found(check, place, "names table %" PRIu64 ", which is '%s'", table->id,
			full_name(check, table));
	bool found;
	TRY(store_find(check->txn, DB_DATABASES, database, &found, &value, err));
	if (!found)
		check_found(check, place, "there is no database '%.*s'", TEXT_ARG(database));
	return STATUS_OK;
}

static enum status table_has_its_name(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__V1__Table *table = message;
	struct buffer SCOPED_BUFFER by_name = {0};
	key_init(&by_name);
	key_add_part(&by_name, text_of(table->database));
	buffer_add_text(&by_name, text_of(table->name));
	bool found;
	TRY(store_find(check->txn, DB_TABLES_BY_NAME, buffer_text(&by_name), &found, &value, err));
	if (!found || !text_equal(value, key))
		check_found(check, full_name(check, table),
			"table %" PRIu64 " is not found by its name", table->id);
	return STATUS_OK;
}

static struct text place_of_files(const Tenon__V1__Table *table)
{
	struct text location = text_of(table->storage ? table->storage->location : "");
	while (location.length > 1 && text_ends(location, TEXT("/")))
		location.length--;
	return location;
}

static enum status location_leads_to_its_table(struct check *check, struct text key,
	struct text value, const void *message, struct error *err)
{
	(void)value;
	(void)message;
	size_t end = text_find(key, 0);
	struct text database = text_until(key, end);
	struct text rest = text_from(key, end + 1);
	end = text_find(rest, 0);
	struct text location = text_until(rest, end);
	struct text id = text_from(rest, end + 1);
	const char *place =
		arena_printf(check->arena, "%.*s at %.*s", TEXT_ARG(database), TEXT_ARG(location));
	if (id.length != 8) {
		check_found(check, place, "the table's id has %zu bytes", id.length);
		return STATUS_OK;
	}
	Tenon__V1__Table *table;
	TRY(table_of(check, place, key_u64(id.at), &table, err));
	if (table && (!text_equal(text_of(table->database), database) ||
			     !text_equal(place_of_files(table), location)))
		check_found(
			check, place, "names '%s', which is elsewhere", full_name(check, table));
	return STATUS_OK;
}

static enum status table_has_its_location(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__V1__Table *table = message;
	struct text location = place_of_files(table);
	if (location.length == 0)
		return STATUS_OK;
	struct buffer SCOPED_BUFFER by_location = {0};
	key_init(&by_location);
	key_add_part(&by_location, text_of(table->database));
	key_add_part(&by_location, location);
	buffer_add_text(&by_location, key);
	bool found;
	TRY(store_find(
		check->txn, DB_TABLES_BY_LOCATION, buffer_text(&by_location), &found, &value, err));
	if (!found)
		check_found(check, full_name(check, table), "is not found by its location '%.*s'",
			TEXT_ARG(location));
	return STATUS_OK;
}

static enum status tables_are_counted(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	const Tenon__V1__Database *database = message;
	struct buffer SCOPED_BUFFER prefix = {0};
	uint64_t count;
	key_init(&prefix);
	key_add_part(&prefix, key);
	TRY(store_count_prefix(check->txn, DB_TABLES_BY_NAME, buffer_text(&prefix), &count, err));
	if (count != database->table_count)
		check_found(check, arena_text(check->arena, key),
			"says %" PRIu64 " tables and has %" PRIu64, database->table_count, count);
	return STATUS_OK;
}

static enum status partitions_are_counted(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	const Tenon__V1__Table *table = message;
	uint64_t count;
	TRY(store_count_prefix(check->txn, DB_PARTITIONS, key, &count, err));
	if (count != (uint64_t)table->partition_count)
		check_found(check, full_name(check, table),
			"says %" PRIu64 " partitions and has %" PRIu64,
			(uint64_t)table->partition_count, count);
	return STATUS_OK;
}

static enum status version_is_the_newest(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__V1__Table *table = message;
	struct buffer SCOPED_BUFFER version = {0};
	bool found;
	key_init(&version);
	buffer_add_text(&version, key);
	key_add_u64(&version, table->version);
	TRY(store_find(check->txn, DB_VERSIONS, buffer_text(&version), &found, &value, err));
	if (!found)
		check_found(check, full_name(check, table),
			"the record of its version %" PRIu64 " is missing", table->version);
	OWNED(scan) scan = NULL;
	struct text newer;
	TRY(scan_open(check->txn, DB_VERSIONS, key, buffer_text(&version), &scan, err));
	TRY(scan_next(scan, &found, &newer, &value, err));
	if (found)
		check_found(check, full_name(check, table),
			"is at version %" PRIu64 " and there are newer ones", table->version);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"tables-by-name", DB_TABLES_BY_NAME, NULL, name_leads_to_its_table, NULL},
	{"tables-by-name", DB_TABLES, &tenon__v1__table__descriptor, table_has_its_name, NULL},
	{"tables-by-location", DB_TABLES_BY_LOCATION, NULL, location_leads_to_its_table, NULL},
	{"tables-by-location", DB_TABLES, &tenon__v1__table__descriptor, table_has_its_location,
		NULL},
	{"table-count", DB_DATABASES, &tenon__v1__database__descriptor, tables_are_counted, NULL},
	{"partition-count", DB_TABLES, &tenon__v1__table__descriptor, partitions_are_counted, NULL},
	{"current-version", DB_TABLES, &tenon__v1__table__descriptor, version_is_the_newest, NULL},
};

const struct check_rows check_tables = CHECK_ROWS(rows);

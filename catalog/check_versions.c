#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "catalog/version_store.h"

#include <inttypes.h>

/* Versions that are stored as differences have what they differ from. */

/* The version that a key names, and its place; false when its table is being purged, or
 * when it names none, which is told. */
struct version_place {
	uint64_t table;
	uint64_t version;
	const char *place;
};

static enum status place_of(struct check *check, const char *what, struct text key,
	struct version_place *place_out, bool *is_one_out, struct error *err)
{
	bool purged;
	TRY(check_is_purged(check, key, &purged, err));
	if (!purged && key.length != 16)
		check_found(check, what, "has a key of %zu bytes", key.length);
	*is_one_out = !purged && key.length == 16;
	if (!*is_one_out)
		return STATUS_OK;
	uint64_t table = key_u64(key.at);
	uint64_t version = key_u64(key.at + 8);
	*place_out = (struct version_place){table, version,
		arena_printf(check->arena, "table %" PRIu64 " version %" PRIu64, table, version)};
	return STATUS_OK;
}

static enum status version_is_read(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	struct version_place at;
	struct error why;
	bool is_one;
	TRY(place_of(check, "a version", key, &at, &is_one, err));
	if (is_one &&
		version_check(check->txn, at.table, at.version, check->arena, &why) != STATUS_OK)
		check_found(check, at.place, "%s", why.message);
	return STATUS_OK;
}

static enum status pin_has_its_version(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	struct version_place at;
	struct error why;
	bool is_one;
	Tenon__V1__TableVersion *found;
	TRY(place_of(check, "a pin", key, &at, &is_one, err));
	if (is_one &&
		version_find(check->txn, at.table, at.version, false, check->arena, &found, &why) ==
			STATUS_OK &&
		!found)
		check_found(check, at.place, "is pinned and not there");
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"version-differences", DB_VERSIONS, NULL, version_is_read, NULL},
	{"pinned-versions", DB_PINS, NULL, pin_has_its_version, NULL},
};

const struct check_rows check_versions = CHECK_ROWS(rows);

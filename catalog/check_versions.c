#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "catalog/version_store.h"

#include <inttypes.h>

/* Versions that are stored as differences have what they differ from. */

static enum status version_is_read(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	bool purged;
	TRY(check_is_purged(check, key, &purged, err));
	if (purged)
		return STATUS_OK;
	if (key.length != 16) {
		check_found(check, "a version", "has a key of %zu bytes", key.length);
		return STATUS_OK;
	}
	struct error why;
	uint64_t table = key_u64(key.at);
	uint64_t version = key_u64(key.at + 8);
	const char *place =
		arena_printf(check->arena, "table %" PRIu64 " version %" PRIu64, table, version);
	if (version_check(check->txn, table, version, check->arena, &why) != STATUS_OK)
		check_found(check, place, "%s", why.message);
	return STATUS_OK;
}

static enum status pin_has_its_version(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	bool purged;
	TRY(check_is_purged(check, key, &purged, err));
	if (purged)
		return STATUS_OK;
	if (key.length != 16) {
		check_found(check, "a pin", "has a key of %zu bytes", key.length);
		return STATUS_OK;
	}
	uint64_t table = key_u64(key.at);
	uint64_t version = key_u64(key.at + 8);
	Tenon__V1__TableVersion *found;
	struct error why;
	if (version_find(check->txn, table, version, false, check->arena, &found, &why) ==
			STATUS_OK &&
		!found)
		check_found(check,
			arena_printf(
				check->arena, "table %" PRIu64 " version %" PRIu64, table, version),
			"is pinned and not there");
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"version-differences", DB_VERSIONS, NULL, version_is_read, NULL},
	{"pinned-versions", DB_PINS, NULL, pin_has_its_version, NULL},
};

const struct check_rows check_versions = CHECK_ROWS(rows);

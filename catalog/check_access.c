#include "catalog/check_rows.h"
#include "catalog/grants.h"
#include "catalog/key.h"
#include "catalog/tokens.h"
#include "tenon/store/v1/access.pb-c.h"

#include <inttypes.h>
#include <string.h>

static enum status token_is_under_its_id(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)err;
	const Tenon__Store__V1__TokenRecord *record = message;
	uint64_t id;
	if (!record->token || record->hash.len != BEARER_HASH_BYTES) {
		check_found(check, "a token", "the record has no token or no hash");
		return STATUS_OK;
	}
	if (!bearer_id(text_of(record->token->id), &id) || key.length != 8 || key_u64(key.at) != id)
		check_found(check, arena_printf(check->arena, "token/%s", record->token->id),
			"is not kept under its id");
	return STATUS_OK;
}

/* A grant that would not be taken today gives rights that nobody can take away. */
static enum status grant_is_well_formed(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)err;
	const Tenon__V1__Grant *grant = ((const Tenon__Store__V1__GrantRecord *)message)->grant;
	struct buffer SCOPED_BUFFER expected = {0};
	Tenon__V1__Grant *normal;
	struct error why;
	if (!grant) {
		check_found(check, "a grant", "the record has no grant");
		return STATUS_OK;
	}
	const char *place = arena_printf(
		check->arena, "grant/%s/%s", grant->principal, grant_place(check->arena, grant));
	if (grant_normal(grant, check->arena, &normal, &why) != STATUS_OK) {
		check_found(check, place, "%s", why.message);
		return STATUS_OK;
	}
	grant_key(&expected, normal);
	if (!text_equal(buffer_text(&expected), key))
		check_found(check, place, "is not kept under its principal and pattern");
	return STATUS_OK;
}

static enum status entry_is_under_its_number(struct check *check, struct text key,
	struct text value, const void *message, struct error *err)
{
	(void)value;
	(void)err;
	const Tenon__V1__AuditEntry *entry =
		((const Tenon__Store__V1__AuditRecord *)message)->entry;
	if (!entry || key.length != 8 || key_u64(key.at) != entry->sequence)
		check_found(check,
			arena_printf(check->arena, "audit/%" PRIu64, entry ? entry->sequence : 0),
			"is not kept under its number");
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"tokens-by-id", DB_TOKENS, &tenon__store__v1__token_record__descriptor,
		token_is_under_its_id, NULL},
	{"grants", DB_GRANTS, &tenon__store__v1__grant_record__descriptor, grant_is_well_formed,
		NULL},
	{"audit-numbers", DB_AUDIT, &tenon__store__v1__audit_record__descriptor,
		entry_is_under_its_number, NULL},
};

const struct check_rows check_access = CHECK_ROWS(rows);

#include "catalog/format.h"

#include "catalog/key.h"
#include "catalog/store.h"

#include <inttypes.h>

static const struct format_step steps[] = {
	{2, "versions are kept as what differs from the last whole one", NULL},
	{3, "what is committed may stand in a journal", NULL},
};

const struct formats formats_known = {steps, sizeof steps / sizeof *steps};

uint64_t format_newest(const struct formats *formats)
{
	return formats->count ? formats->steps[formats->count - 1].to : 1;
}

enum status format_put(struct catalog_txn *txn, uint64_t format, struct error *err)
{
	char bytes[8];
	return store_put(txn, DB_META, TEXT("format"), key_u64_text(format, bytes), err);
}

enum status format_read(struct catalog_txn *txn, const struct formats *formats, const char *folder,
	uint64_t *format_out, struct error *err)
{
	bool found;
	struct text value = {0};
	TRY(store_find(txn, DB_META, TEXT("format"), &found, &value, err));
	if (!found || value.length != 8 || key_u64(value.at) == 0)
		return fail(err, STATUS_DATA_LOSS,
			"'%s' is not a catalog, or it is damaged (%s format record): restore it "
			"from a backup, or use another folder",
			folder, found ? "bad" : "no");
	*format_out = key_u64(value.at);
	if (*format_out > format_newest(formats))
		return fail(err, STATUS_FAILED_PRECONDITION,
			"'%s' was written by a newer version (format %" PRIu64
			", this one reads up to %" PRIu64 "): use that version; its export can be "
			"imported into an older one",
			folder, *format_out, format_newest(formats));
	return STATUS_OK;
}

enum status format_upgrade(struct catalog_txn *txn, const struct formats *formats,
	const char *folder, uint64_t format, struct error *err)
{
	if (format == format_newest(formats))
		return STATUS_OK;
	for (size_t i = 0; i < formats->count; i++) {
		const struct format_step *step = &formats->steps[i];
		if (step->to <= format || !step->up)
			continue;
		if (step->up(txn, err) != STATUS_OK)
			return fail_within(err, "bring '%s' up to format %" PRIu64 " (%s)", folder,
				step->to, step->what);
	}
	return format_put(txn, format_newest(formats), err);
}

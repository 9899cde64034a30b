#include "catalog/webhooks.h"

#include "catalog/feed.h"
#include "catalog/feed_read.h"
#include "catalog/names.h"
#include "catalog/store.h"
#include "proto/wire.h"

#define DESCRIPTOR &tenon__store__v1__webhook_record__descriptor

static char hidden[] = "***";

void webhook_hide(Tenon__V1__Webhook *webhook)
{
	if (*webhook->secret)
		webhook->secret = hidden;
}

/* A url may be all that it takes to be let in. */
static bool is_secret(const void *state, struct text key)
{
	(void)state;
	return text_equal(key, TEXT("url"));
}

static enum status note(struct catalog_txn *txn, const char *kind, struct text name,
	const Tenon__V1__Webhook *before, const Tenon__V1__Webhook *after, struct arena *arena,
	struct error *err)
{
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "webhook/%.*s", TEXT_ARG(name)),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
		.is_secret = is_secret,
	};
	return feed_note(txn, &change, err);
}

/* It stands in headers, as it is. */
static enum status name_of_webhook(struct text name, struct error *err)
{
	TRY(name_check(name, "webhook name", err));
	for (size_t i = 0; i < name.length; i++) {
		char c = text_lower(name.at[i]);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
			    c == '.'))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"webhook name '%.*s' has other characters than letters, digits, "
				"'.', '_' and '-'",
				TEXT_ARG(name));
	}
	return STATUS_OK;
}

static enum status webhook_check(
	const Tenon__V1__Webhook *webhook, struct arena *arena, struct error *err)
{
	TRY(name_of_webhook(text_of(webhook->name), err));
	TRY(length_check(text_of(webhook->url), LIMIT_URL_BYTES, "the url", err));
	TRY(length_check(text_of(webhook->secret), LIMIT_SECRET_BYTES, "the secret", err));
	return webhook->filter ? feed_filter_check(webhook->filter, arena, err) : STATUS_OK;
}

static enum status find(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__Store__V1__WebhookRecord **record_out, struct error *err)
{
	void *found;
	TRY(store_message(txn, DB_WEBHOOKS, name, DESCRIPTOR, arena, &found, err));
	*record_out = found;
	if (*record_out && !(*record_out)->webhook)
		return fail(err, STATUS_DATA_LOSS, "webhook '%.*s' is empty", TEXT_ARG(name));
	return STATUS_OK;
}

static enum status room_check(struct catalog_txn *txn, struct arena *arena, struct error *err)
{
	Tenon__Store__V1__WebhookRecord **records;
	size_t count;
	TRY(webhook_list(txn, arena, &records, &count, err));
	if (count >= LIMIT_WEBHOOKS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"there are %zu webhooks, at most %d are allowed: drop one", count,
			LIMIT_WEBHOOKS);
	return STATUS_OK;
}

/* What the server keeps is the server's; what is asked for is the rest. */
static Tenon__V1__Webhook *definition(
	struct arena *arena, const Tenon__V1__Webhook *webhook, const Tenon__V1__Webhook *before)
{
	Tenon__V1__Webhook *made = wire_copy(arena, &webhook->base);
	bool keeps = !*made->secret || strcmp(made->secret, hidden) == 0;
	if (keeps)
		made->secret = before ? before->secret : arena_text(arena, TEXT(""));
	if (!made->filter) {
		made->filter = arena_alloc(arena, sizeof *made->filter);
		tenon__v1__watch_request__init(made->filter);
	}
	made->filter->after = 0;
	made->filter->from_now = false;
	made->delivered = before ? before->delivered : 0;
	made->delivered_time_us = before ? before->delivered_time_us : 0;
	made->failures = 0;
	made->error = arena_text(arena, TEXT(""));
	made->retry_time_us = 0;
	return made;
}

/* Where the put says. */
static enum status place(struct catalog_txn *txn, uint64_t after,
	Tenon__Store__V1__WebhookRecord *made, struct error *err)
{
	uint64_t oldest;
	uint64_t newest;
	if (!after)
		return STATUS_OK;
	TRY(feed_range(txn, &oldest, &newest, err));
	if (after > newest)
		return fail(err, STATUS_OUT_OF_RANGE,
			"change %llu was not made yet: the newest is %llu",
			(unsigned long long)after, (unsigned long long)newest);
	if (after + 1 < oldest)
		return fail(err, STATUS_OUT_OF_RANGE,
			"changes after %llu are no longer kept: the oldest is %llu",
			(unsigned long long)after, (unsigned long long)oldest);
	made->webhook->delivered = after;
	made->placed = made->revision + 1;
	return STATUS_OK;
}

/* Numbered, and behind the change that says it is there. */
static enum status begin(struct catalog_txn *txn, bool is_placed,
	Tenon__Store__V1__WebhookRecord *made, struct error *err)
{
	uint64_t oldest;
	uint64_t newest;
	TRY(store_next(txn, "webhook", &made->id, err));
	TRY(feed_range(txn, &oldest, &newest, err));
	if (!is_placed)
		made->webhook->delivered = newest;
	return STATUS_OK;
}

enum status webhook_put(struct catalog_txn *txn, const Tenon__V1__Webhook *webhook,
	struct arena *arena, Tenon__Store__V1__WebhookRecord **record_out, struct error *err)
{
	Tenon__Store__V1__WebhookRecord *before;
	Tenon__Store__V1__WebhookRecord *made = arena_alloc(arena, sizeof *made);
	struct text name = text_of(webhook->name);
	uint64_t after = webhook->filter ? webhook->filter->after : 0;
	TRY(webhook_check(webhook, arena, err));
	TRY(find(txn, name, arena, &before, err));
	if (!before)
		TRY(room_check(txn, arena, err));
	tenon__store__v1__webhook_record__init(made);
	made->webhook = definition(arena, webhook, before ? before->webhook : NULL);
	if (before) {
		made->id = before->id;
		made->revision = before->revision;
		made->placed = before->placed;
	}
	TRY(place(txn, after, made, err));
	*record_out = made;
	if (before && text_equal(wire_pack(arena, &before->base), wire_pack(arena, &made->base)))
		return STATUS_OK;
	made->revision++;
	TRY(note(txn, "webhook_put", name, before ? before->webhook : NULL, made->webhook, arena,
		err));
	if (!before)
		TRY(begin(txn, after != 0, made, err));
	return store_put_message(txn, DB_WEBHOOKS, name, &made->base, err);
}

enum status webhook_delete(struct catalog_txn *txn, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__WebhookRecord *record;
	bool found;
	TRY(name_of_webhook(name, err));
	TRY(find(txn, name, arena, &record, err));
	if (!record)
		return fail(err, STATUS_NOT_FOUND, "no webhook '%.*s'", TEXT_ARG(name));
	TRY(store_delete(txn, DB_WEBHOOKS, name, &found, err));
	return note(txn, "webhook_deleted", name, record->webhook, NULL, arena, err);
}

enum status webhook_list(struct catalog_txn *txn, struct arena *arena,
	Tenon__Store__V1__WebhookRecord ***records_out, size_t *count_out, struct error *err)
{
	void **found;
	size_t found_count;
	TRY(store_messages(txn, DB_WEBHOOKS, TEXT(""), TEXT(""), LIMIT_WEBHOOKS, DESCRIPTOR, arena,
		&found, &found_count, err));
	Tenon__Store__V1__WebhookRecord **records = (Tenon__Store__V1__WebhookRecord **)found;
	size_t count = 0;
	for (size_t i = 0; i < found_count; i++) {
		if (records[i]->webhook)
			records[count++] = records[i];
	}
	*records_out = records;
	*count_out = count;
	return STATUS_OK;
}

enum status webhook_advance(
	struct catalog_txn *txn, const struct webhook_position *position, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__WebhookRecord *record;
	TRY(find(txn, position->name, arena, &record, err));
	if (!record || record->id != position->id || record->revision != position->revision)
		return STATUS_OK;
	record->webhook->delivered = position->delivered;
	record->webhook->delivered_time_us = position->time_us;
	return store_put_message(txn, DB_WEBHOOKS, position->name, &record->base, err);
}

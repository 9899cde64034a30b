#include "service/webhooks.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "catalog/feed_read.h"
#include "catalog/webhooks.h"
#include "proto/wire.h"
#include "service/daemon.h"
#include "service/delivery.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
	STEP_CHANGES = 16, /* read ahead for one webhook */
	TIMEOUT_MS = 30000,
	RELOAD_MS = 30000, /* also without being told: what was restored or imported */
	SAVE_MS = 1000,
	SAVE_SKIPPED_MS = 10000, /* when nothing was sent */
	LAST_MS = 2000, /* for what is under way at the end */
};

/* What others may ask for. */
struct shown {
	uint64_t delivered;
	int64_t delivered_time_us;
	uint32_t failures;
	int64_t retry_time_us;
	char error[HTTP_TEXT_BYTES + 64];
};

struct hook {
	struct hook *next;
	struct webhooks *webhooks;
	struct arena *kept; /* the record */
	const Tenon__Store__V1__WebhookRecord *record;
	uint64_t position; /* up to here it was told, or need not be */
	uint64_t saved;
	uint64_t saved_ns;
	bool sent_since; /* anything, since then */
	uint64_t due_ns; /* not before; 0: at once */
	bool sending;
	/* Read ahead, while things go well. */
	struct arena *step_arena;
	struct feed_step step;
	size_t at;
	struct arena *post_arena; /* what is under way */
	struct shown shown; /* under the lock */
};

struct webhooks {
	struct daemon *daemon;
	struct http *http;
	pthread_t thread;
	bool started;
	atomic_bool ending;
	atomic_bool reload;
	atomic_bool any; /* nobody to wake up for otherwise */
	uint64_t reload_ns;
	pthread_mutex_t lock; /* of the list, and what is shown; never held for long */
	struct hook *first; /* changed by the thread alone */
};

static int64_t ms_until(uint64_t due_ns)
{
	uint64_t now = clock_monotonic_ns();
	return due_ns <= now ? 0 : (int64_t)((due_ns - now) / 1000000 + 1);
}

static uint64_t in_ms(int64_t ms)
{
	return clock_monotonic_ns() + (uint64_t)ms * 1000000;
}

/* ---- positions, written down ---- */

struct saving {
	struct catalog_write write; /* first: the writer hands it back */
	struct webhook_position position;
	char name[LIMIT_NAME_BYTES + 1];
};

static enum status save_apply(
	struct catalog_txn *txn, struct catalog_write *write, struct error *err)
{
	return webhook_advance(txn, &((struct saving *)(void *)write)->position, err);
}

static void save_done(struct catalog_write *write, enum status status, const struct error *err)
{
	struct saving *saving = (struct saving *)(void *)write;
	if (status != STATUS_OK)
		log_line(LOG_WARN, "webhook '%s': its position was not written: %s", saving->name,
			err->message);
	free(saving);
}

static void save(struct hook *hook)
{
	struct error err;
	struct saving *saving = memory_new(sizeof *saving);
	(void)snprintf(saving->name, sizeof saving->name, "%s", hook->record->webhook->name);
	saving->write.apply = save_apply;
	saving->write.done = save_done;
	saving->position = (struct webhook_position){
		.name = text_of(saving->name),
		.id = hook->record->id,
		.revision = hook->record->revision,
		.delivered = hook->position,
		.time_us = hook->shown.delivered_time_us,
	};
	hook->saved_ns = clock_monotonic_ns();
	if (catalog_submit(hook->webhooks->daemon->catalog, &saving->write, &err) != STATUS_OK) {
		free(saving);
		return;
	}
	hook->saved = hook->position;
	hook->sent_since = false;
}

/* Milliseconds until it should be, -1 when there is nothing to write. */
static int64_t save_when_due(struct hook *hook)
{
	if (hook->position == hook->saved)
		return -1;
	int64_t rest = hook->sent_since ? SAVE_MS : SAVE_SKIPPED_MS;
	int64_t wait = ms_until(hook->saved_ns + (uint64_t)rest * 1000000);
	if (wait == 0)
		save(hook);
	return wait == 0 ? -1 : wait;
}

/* ---- one webhook ---- */

static void hook_free(struct hook *hook)
{
	arena_free(hook->kept);
	arena_free(hook->step_arena);
	arena_free(hook->post_arena);
	free(hook);
}

static void forget_step(struct hook *hook)
{
	arena_reset(hook->step_arena);
	hook->step = (struct feed_step){0};
	hook->at = 0;
}

static void move(struct hook *hook, uint64_t position)
{
	(void)pthread_mutex_lock(&hook->webhooks->lock);
	hook->position = position;
	hook->shown.delivered = position;
	(void)pthread_mutex_unlock(&hook->webhooks->lock);
}

static void show_trouble(struct hook *hook, const char *text)
{
	(void)pthread_mutex_lock(&hook->webhooks->lock);
	(void)snprintf(hook->shown.error, sizeof hook->shown.error, "%s", text);
	(void)pthread_mutex_unlock(&hook->webhooks->lock);
	log_line(LOG_WARN, "webhook '%s': %s", hook->record->webhook->name, text);
}

static void failed(struct hook *hook, const char *text, int64_t retry_after_s)
{
	uint32_t chance;
	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != sizeof chance)
		chance = (uint32_t)clock_monotonic_ns();
	int64_t pause = delivery_pause_ms(hook->shown.failures + 1, retry_after_s, chance);
	hook->due_ns = in_ms(pause);
	(void)pthread_mutex_lock(&hook->webhooks->lock);
	hook->shown.failures++;
	hook->shown.retry_time_us = clock_now_us() + pause * 1000;
	(void)pthread_mutex_unlock(&hook->webhooks->lock);
	show_trouble(hook, text);
	/* A dead endpoint holds no memory. */
	forget_step(hook);
}

static void delivered(struct hook *hook)
{
	bool last = hook->at + 1 == hook->step.count;
	move(hook, last ? hook->step.sequence : hook->step.changes[hook->at]->sequence);
	hook->at++;
	hook->sent_since = true;
	(void)pthread_mutex_lock(&hook->webhooks->lock);
	hook->shown.delivered_time_us = clock_now_us();
	hook->shown.failures = 0;
	hook->shown.retry_time_us = 0;
	hook->shown.error[0] = 0;
	(void)pthread_mutex_unlock(&hook->webhooks->lock);
	if (last)
		forget_step(hook);
}

static void ended(void *owner, void *state, const struct http_answer *answer)
{
	struct hook *hook = state;
	(void)owner;
	hook->sending = false;
	if (answer->code >= 200 && answer->code < 300) {
		delivered(hook);
		return;
	}
	char text[HTTP_TEXT_BYTES + 64];
	if (answer->code >= 300 && answer->code < 400)
		(void)snprintf(text, sizeof text, "answered %d, and redirects are not followed",
			answer->code);
	else if (answer->code)
		(void)snprintf(text, sizeof text, "answered %d%s%s", answer->code,
			answer->text[0] ? ": " : "", answer->text);
	else
		(void)snprintf(text, sizeof text, "%s", answer->text);
	failed(hook, text, answer->retry_after_s);
}

static void send_next(struct hook *hook)
{
	struct error err;
	struct http_post post = {.timeout_ms = TIMEOUT_MS, .state = hook};
	arena_reset(hook->post_arena);
	enum status status = delivery_make(hook->record->webhook, hook->step.changes[hook->at],
		hook->shown.failures + 1, clock_now_us() / 1000000, hook->post_arena, &post, &err);
	if (status == STATUS_OK)
		status = http_post_start(hook->webhooks->http, &post, &err);
	if (status == STATUS_OK)
		hook->sending = true;
	else
		failed(hook, err.message, 0);
}

/* What it was not told yet is gone, or the catalog is an older one than it was. */
static void jump(struct hook *hook, struct catalog_txn *txn)
{
	struct error err;
	uint64_t oldest;
	uint64_t newest;
	char text[128];
	if (feed_range(txn, &oldest, &newest, &err) != STATUS_OK)
		return;
	if (hook->position > newest)
		(void)snprintf(text, sizeof text,
			"the feed ends at %" PRIu64 ", before what was delivered: it goes on there",
			newest);
	else
		(void)snprintf(text, sizeof text,
			"changes %" PRIu64 " to %" PRIu64 " were no longer kept and were not sent",
			hook->position + 1, oldest - 1);
	move(hook, hook->position > newest ? newest : oldest - 1);
	show_trouble(hook, text);
}

/* False when it could not be read. */
static bool read_step(struct hook *hook)
{
	OWNED(catalog_txn) txn = NULL;
	struct error err;
	forget_step(hook);
	enum status status = catalog_read(hook->webhooks->daemon->catalog, &txn, &err);
	if (status == STATUS_OK)
		status = feed_read(txn, hook->position, hook->record->webhook->filter, STEP_CHANGES,
			hook->step_arena, &hook->step, &err);
	if (status == STATUS_OUT_OF_RANGE)
		jump(hook, txn);
	else if (status != STATUS_OK)
		failed(hook, err.message, 0);
	return status == STATUS_OK;
}

/* Milliseconds until it wants another turn; -1: when something happens. */
static int64_t turn(struct hook *hook)
{
	if (hook->sending || hook->record->webhook->paused)
		return -1;
	int64_t wait = ms_until(hook->due_ns);
	if (wait > 0)
		return wait;
	if (hook->at >= hook->step.count && !read_step(hook))
		return ms_until(hook->due_ns);
	if (hook->at < hook->step.count) {
		send_next(hook);
		return -1;
	}
	if (hook->step.sequence > hook->position)
		move(hook, hook->step.sequence);
	return hook->step.more ? 0 : -1;
}

/* ---- all of them ---- */

static struct hook *hook_find(struct webhooks *webhooks, uint64_t id)
{
	struct hook *hook = webhooks->first;
	while (hook && hook->record->id != id)
		hook = hook->next;
	return hook;
}

static const Tenon__Store__V1__WebhookRecord *record_find(
	Tenon__Store__V1__WebhookRecord **records, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (records[i]->id == id)
			return records[i];
	}
	return NULL;
}

static void adopt(struct webhooks *webhooks, const Tenon__Store__V1__WebhookRecord *record)
{
	struct hook *hook = memory_new(sizeof *hook);
	hook->webhooks = webhooks;
	hook->kept = arena_new();
	hook->step_arena = arena_new();
	hook->post_arena = arena_new();
	hook->record = wire_copy(hook->kept, &record->base);
	hook->position = record->webhook->delivered;
	hook->saved = hook->position;
	hook->shown.delivered = hook->position;
	hook->shown.delivered_time_us = record->webhook->delivered_time_us;
	(void)pthread_mutex_lock(&webhooks->lock);
	hook->next = webhooks->first;
	webhooks->first = hook;
	(void)pthread_mutex_unlock(&webhooks->lock);
}

/* Put anew: it tries again at once, from where it is unless the put said where. */
static void renew(struct hook *hook, const Tenon__Store__V1__WebhookRecord *record)
{
	struct arena *kept = arena_new();
	bool placed = record->placed != hook->record->placed;
	(void)pthread_mutex_lock(&hook->webhooks->lock);
	hook->record = wire_copy(kept, &record->base);
	if (placed)
		hook->position = record->webhook->delivered;
	hook->shown.delivered = hook->position;
	hook->shown.failures = 0;
	hook->shown.retry_time_us = 0;
	hook->shown.error[0] = 0;
	(void)pthread_mutex_unlock(&hook->webhooks->lock);
	arena_free(hook->kept);
	hook->kept = kept;
	hook->saved = record->webhook->delivered;
	hook->due_ns = 0;
	forget_step(hook);
}

static void drop(struct webhooks *webhooks, struct hook *gone)
{
	(void)pthread_mutex_lock(&webhooks->lock);
	struct hook **link = &webhooks->first;
	while (*link != gone)
		link = &(*link)->next;
	*link = gone->next;
	(void)pthread_mutex_unlock(&webhooks->lock);
	hook_free(gone);
}

/* One that is sending is changed when it has ended: true when there is such a one. */
static bool match(
	struct webhooks *webhooks, Tenon__Store__V1__WebhookRecord **records, size_t count)
{
	bool left = false;
	struct hook *next;
	for (struct hook *hook = webhooks->first; hook; hook = next) {
		const Tenon__Store__V1__WebhookRecord *record =
			record_find(records, count, hook->record->id);
		next = hook->next;
		if (record && record->revision == hook->record->revision)
			continue;
		if (hook->sending)
			left = true;
		else if (record)
			renew(hook, record);
		else
			drop(webhooks, hook);
	}
	for (size_t i = 0; i < count; i++) {
		if (!hook_find(webhooks, records[i]->id))
			adopt(webhooks, records[i]);
	}
	return left;
}

static void reload(struct webhooks *webhooks)
{
	OWNED(arena) arena = arena_new();
	OWNED(catalog_txn) txn = NULL;
	Tenon__Store__V1__WebhookRecord **records;
	size_t count;
	struct error err;
	webhooks->reload_ns = in_ms(RELOAD_MS);
	enum status status = catalog_read(webhooks->daemon->catalog, &txn, &err);
	if (status == STATUS_OK)
		status = webhook_list(txn, arena, &records, &count, &err);
	if (status != STATUS_OK) {
		log_line(LOG_ERROR, "the webhooks cannot be read: %s", err.message);
		return;
	}
	if (match(webhooks, records, count))
		atomic_store(&webhooks->reload, true);
	atomic_store(&webhooks->any, webhooks->first != NULL);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return b >= 0 && b < a ? b : a;
}

static void save_all(struct webhooks *webhooks)
{
	uint64_t until = in_ms(LAST_MS);
	for (struct hook *hook = webhooks->first; hook; hook = hook->next) {
		while (hook->sending && ms_until(until))
			http_step(webhooks->http, (int)ms_until(until), ended, webhooks);
	}
	for (struct hook *hook = webhooks->first; hook; hook = hook->next) {
		if (hook->position != hook->saved)
			save(hook);
	}
}

static void *deliver(void *state)
{
	struct webhooks *webhooks = state;
	while (!atomic_load(&webhooks->ending)) {
		if (atomic_exchange(&webhooks->reload, false) || !ms_until(webhooks->reload_ns))
			reload(webhooks);
		int64_t wait = ms_until(webhooks->reload_ns);
		for (struct hook *hook = webhooks->first; hook; hook = hook->next) {
			wait = sooner(wait, turn(hook));
			wait = sooner(wait, save_when_due(hook));
		}
		http_step(webhooks->http, (int)wait, ended, webhooks);
	}
	save_all(webhooks);
	return NULL;
}

enum status webhooks_new(struct daemon *daemon, struct webhooks **webhooks_out, struct error *err)
{
	struct http_options options = {
		.agent = "tenon/" TENOND_VERSION, .ca_file = daemon->options->webhook_ca};
	struct http *http;
	TRY(http_new(&options, &http, err));
	struct webhooks *webhooks = memory_new(sizeof *webhooks);
	webhooks->daemon = daemon;
	webhooks->http = http;
	(void)pthread_mutex_init(&webhooks->lock, NULL);
	*webhooks_out = webhooks;
	return STATUS_OK;
}

void webhooks_start(struct webhooks *webhooks)
{
	if (pthread_create(&webhooks->thread, NULL, deliver, webhooks) != 0) {
		(void)fprintf(stderr, "no thread for webhooks\n");
		abort();
	}
	(void)pthread_setname_np(webhooks->thread, "webhooks");
	webhooks->started = true;
}

void webhooks_stop(struct webhooks *webhooks)
{
	if (!webhooks->started)
		return;
	atomic_store(&webhooks->ending, true);
	http_wake(webhooks->http);
	(void)pthread_join(webhooks->thread, NULL);
	webhooks->started = false;
}

void webhooks_free(struct webhooks *webhooks)
{
	if (!webhooks)
		return;
	http_free(webhooks->http);
	while (webhooks->first) {
		struct hook *next = webhooks->first->next;
		hook_free(webhooks->first);
		webhooks->first = next;
	}
	(void)pthread_mutex_destroy(&webhooks->lock);
	free(webhooks);
}

void webhooks_wake(struct webhooks *webhooks)
{
	if (atomic_load(&webhooks->any))
		http_wake(webhooks->http);
}

void webhooks_reload(struct webhooks *webhooks)
{
	atomic_store(&webhooks->reload, true);
	http_wake(webhooks->http);
}

void webhooks_show(
	struct webhooks *webhooks, Tenon__Store__V1__WebhookRecord *record, struct arena *arena)
{
	(void)pthread_mutex_lock(&webhooks->lock);
	const struct hook *hook = hook_find(webhooks, record->id);
	/* One that was just put anew stands where its record says. */
	if (hook && hook->record->revision == record->revision) {
		record->webhook->delivered = hook->shown.delivered;
		record->webhook->delivered_time_us = hook->shown.delivered_time_us;
		record->webhook->failures = hook->shown.failures;
		record->webhook->retry_time_us = hook->shown.retry_time_us;
		record->webhook->error = arena_text(arena, text_of(hook->shown.error));
	}
	(void)pthread_mutex_unlock(&webhooks->lock);
	webhook_hide(record->webhook);
}

#include "catalog/webhooks.h"
#include "http/http.h"
#include "service/serve.h"
#include "service/webhooks.h"

/* Webhooks of the Feed service. Only administrators: the daemon sends to where they
 * say, and what it sends is the change of every table. */

static enum status put(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PutWebhookRequest *in = request->in;
	Tenon__V1__PutWebhookResponse *out =
		ANSWER(Tenon__V1__PutWebhookResponse, TENON__V1__PUT_WEBHOOK_RESPONSE__INIT);
	Tenon__Store__V1__WebhookRecord *record;
	TRY(require(in->webhook, "webhook", err));
	TRY(http_url_check(in->webhook->url, err));
	TRY(webhook_put(txn, in->webhook, request->arena, &record, err));
	webhook_hide(record->webhook);
	out->webhook = record->webhook;
	return STATUS_OK;
}

static enum status list(struct request *request, struct catalog_txn *txn, struct error *err)
{
	Tenon__V1__ListWebhooksResponse *out =
		ANSWER(Tenon__V1__ListWebhooksResponse, TENON__V1__LIST_WEBHOOKS_RESPONSE__INIT);
	Tenon__Store__V1__WebhookRecord **records;
	size_t count;
	TRY(webhook_list(txn, request->arena, &records, &count, err));
	out->webhooks = arena_array(request->arena, count, sizeof *out->webhooks);
	for (size_t i = 0; i < count; i++) {
		webhooks_show(request->daemon->webhooks, records[i], request->arena);
		out->webhooks[out->n_webhooks++] = records[i]->webhook;
	}
	return STATUS_OK;
}

static enum status delete (struct request *request, struct catalog_txn *txn, struct error *err) {
	const Tenon__V1__DeleteWebhookRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteWebhookResponse, TENON__V1__DELETE_WEBHOOK_RESPONSE__INIT);
	return webhook_delete(txn, text_of(in->name), err);
}

static void changed(struct request *request)
{
	webhooks_reload(request->daemon->webhooks);
}

static const struct method rows[] = {
	{"PutWebhook", NEED_ADMIN, .write = put, .after = changed},
	{"ListWebhooks", NEED_ADMIN, .read = list},
	{"DeleteWebhook", NEED_ADMIN, .write = delete, .after = changed},
};

const struct methods webhook_methods = METHODS(rows);

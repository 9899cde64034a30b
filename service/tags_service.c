#include "catalog/tags.h"
#include "service/serve.h"

#include "tenon/v1/tags.pb-c.h"

/* The Tags service. The wire's maps are a type per message; the catalog's list is one. */

#define MAP_OF(arena, list, out, Entry, INIT)                                      \
	do {                                                                       \
		(out)->tags = arena_array(arena, (list)->n_tags, sizeof(Entry *)); \
		(out)->n_tags = (list)->n_tags;                                    \
		for (size_t i_ = 0; i_ < (list)->n_tags; i_++) {                   \
			(out)->tags[i_] = arena_alloc(arena, sizeof(Entry));       \
			*(out)->tags[i_] = (Entry)INIT;                            \
			(out)->tags[i_]->key = (list)->tags[i_]->key;              \
			(out)->tags[i_]->value = (list)->tags[i_]->value;          \
		}                                                                  \
	} while (0)

static enum status tag_resource(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__TagResourceRequest *in = request->in;
	Tenon__V1__TagResourceResponse *out =
		ANSWER(Tenon__V1__TagResourceResponse, TENON__V1__TAG_RESOURCE_RESPONSE__INIT);
	Tenon__Store__V1__TagsRecord asked = TENON__STORE__V1__TAGS_RECORD__INIT;
	Tenon__Store__V1__TagsRecord *tags;
	MAP_OF(request->arena, in, &asked, Tenon__Store__V1__Tag, TENON__STORE__V1__TAG__INIT);
	TRY(tags_add(txn, text_of(in->resource), &asked, request->arena, &tags, err));
	MAP_OF(request->arena, tags, out, Tenon__V1__TagResourceResponse__TagsEntry,
		TENON__V1__TAG_RESOURCE_RESPONSE__TAGS_ENTRY__INIT);
	return STATUS_OK;
}

static enum status untag_resource(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UntagResourceRequest *in = request->in;
	Tenon__V1__UntagResourceResponse *out =
		ANSWER(Tenon__V1__UntagResourceResponse, TENON__V1__UNTAG_RESOURCE_RESPONSE__INIT);
	Tenon__Store__V1__TagsRecord *tags;
	TRY(batch_check(in->n_keys, LIMIT_TAGS, "keys", err));
	TRY(tags_remove(
		txn, text_of(in->resource), in->keys, in->n_keys, request->arena, &tags, err));
	MAP_OF(request->arena, tags, out, Tenon__V1__UntagResourceResponse__TagsEntry,
		TENON__V1__UNTAG_RESOURCE_RESPONSE__TAGS_ENTRY__INIT);
	return STATUS_OK;
}

static enum status get_tags(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetTagsRequest *in = request->in;
	Tenon__V1__GetTagsResponse *out =
		ANSWER(Tenon__V1__GetTagsResponse, TENON__V1__GET_TAGS_RESPONSE__INIT);
	Tenon__Store__V1__TagsRecord *tags;
	TRY(tags_get(txn, text_of(in->resource), request->arena, &tags, err));
	MAP_OF(request->arena, tags, out, Tenon__V1__GetTagsResponse__TagsEntry,
		TENON__V1__GET_TAGS_RESPONSE__TAGS_ENTRY__INIT);
	return STATUS_OK;
}

static const struct method rows[] = {
	{"TagResource", NEED_WRITE, .write = tag_resource},
	{"UntagResource", NEED_WRITE, .write = untag_resource},
	{"GetTags", NEED_READ, .read = get_tags},
};

const struct methods tag_methods = METHODS(rows);

#include "clients/cli/cli.h"

#include <assert.h>
#include <string.h>

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
	assert(field && field->type == PROTOBUF_C_TYPE_STRING);
	return field;
}

static char **text_at(ProtobufCMessage *message, const char *name)
{
	return (char **)(void *)((char *)message + field_of(message, name)->offset);
}

/* The rows of an answer are its one list. */
static void take_rows(struct cli *cli, const ProtobufCMessage *page, struct cli_list *list)
{
	for (unsigned i = 0; i < page->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &page->descriptor->fields[i];
		const char *base = (const char *)page;
		if (field->label != PROTOBUF_C_LABEL_REPEATED)
			continue;
		cli_list_add(cli, list, *(void *const *)(const void *)(base + field->offset),
			*(const size_t *)(const void *)(base + field->quantifier_offset));
		return;
	}
	assert(!"a page has rows");
}

enum status cli_pages(struct cli *cli, const ProtobufCServiceDescriptor *service,
	const char *method, ProtobufCMessage *request, uint64_t most, struct cli_list *list,
	struct error *err)
{
	char **token = text_at(request, "page_token");
	do {
		ProtobufCMessage *page = NULL;
		TRY(cli_call(cli, service, method, request, &page, err));
		take_rows(cli, page, list);
		*token = *text_at(page, "next_page_token");
	} while ((*token)[0] && list->count < most);
	list->count = list->count > most ? (size_t)most : list->count;
	return STATUS_OK;
}

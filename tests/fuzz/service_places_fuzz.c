#include "proto/wire.h"
#include "service/serve.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCServiceDescriptor *service_at(unsigned *at)
{
	for (size_t i = 0;; i = (i + 1) % service_rows_count) {
		const ProtobufCServiceDescriptor *service = service_rows[i].descriptor;
		if (*at < service->n_methods)
			return service;
		*at -= service->n_methods;
	}
}

/* Whatever a request says, it is about at least one place, a place that is not everything
 * names something, and names are folded. The first byte chooses the method. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	void *message;
	if (size == 0)
		return 0;
	unsigned at = data[0];
	const ProtobufCServiceDescriptor *service = service_at(&at);
	const ProtobufCMessageDescriptor *input = service->methods[at].input;
	struct text bytes = {(const char *)data + 1, size - 1};
	OWNED(arena) arena = arena_new();
	if (wire_unpack(input, bytes, arena, &message, &err) != STATUS_OK)
		return 0;
	struct about about = about_of(service->name, input);
	struct places places = places_of(&about, message, arena);
	if (places.count == 0)
		abort();
	for (size_t i = 0; i < places.count; i++) {
		const struct place *place = &places.at[i];
		if (!*place_name(place, arena) ||
			(place->kind != PLACE_ALL && place->database.length == 0))
			abort();
		for (size_t k = 0; place->kind == PLACE_TABLE && k < place->table.length; k++) {
			if (place->table.at[k] >= 'A' && place->table.at[k] <= 'Z')
				abort();
		}
	}
	return 0;
}

#include "formats/codec.h"

static bool is_plain(struct text head)
{
	(void)head;
	return true;
}

/* What is left of the intake first, then straight into the caller's bytes. */
static enum status decode(void *state, struct intake *intake, char *bytes, size_t capacity,
	size_t *decoded_out, struct error *err)
{
	(void)state;
	if (intake->at == intake->length && !intake->ended && capacity >= INTAKE_BYTES) {
		TRY(intake->fetch(
			intake->file, intake->fetched, bytes, capacity, decoded_out, err));
		intake->fetched += *decoded_out;
		intake->ended = *decoded_out == 0;
		return STATUS_OK;
	}
	TRY(intake_fill(intake, err));
	size_t length = intake->length - intake->at;
	if (length > capacity)
		length = capacity;
	if (length)
		memcpy(bytes, intake->bytes + intake->at, length);
	intake->at += length;
	*decoded_out = length;
	return STATUS_OK;
}

const struct codec codec_plain = {
	.compression = COMPRESSION_NONE,
	.is = is_plain,
	.decode = decode,
};

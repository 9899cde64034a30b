#include "base/memory.h"
#include "formats/codec.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/* gzip (RFC 1952) by ISA-L: a third of zlib's CPU (reference: scan notes). A
 * file is one or more members, perhaps followed by zero bytes of padding. */
struct gzip {
	struct inflate_state inflate;
	bool between; /* a member ended, or none began */
	bool began;
};

static bool is_gzip(struct text head)
{
	return text_starts(head, TEXT("\x1f\x8b\x08"));
}

static void *gzip_new(void)
{
	struct gzip *gzip = memory_new(sizeof *gzip);
	gzip->between = true;
	return gzip;
}

static const char *problem(int code)
{
	switch (code) {
	case ISAL_INCORRECT_CHECKSUM:
		return "the checksum differs";
	case ISAL_INVALID_WRAPPER:
		return "the member header is not gzip's";
	case ISAL_INVALID_BLOCK:
		return "a block header is invalid";
	case ISAL_INVALID_SYMBOL:
		return "a symbol is invalid";
	case ISAL_INVALID_LOOKBACK:
		return "a back-reference points before the start";
	default:
		return "the data is invalid";
	}
}

/* Zero bytes after the last member are padding, as gzip itself takes them. */
static void skip_padding(struct intake *intake)
{
	while (intake->at < intake->length && intake->bytes[intake->at] == 0)
		intake->at++;
}

/* To the next member's first byte, or to the end. */
static enum status next_member(struct gzip *gzip, struct intake *intake, struct error *err)
{
	do {
		TRY(intake_fill(intake, err));
		if (gzip->began)
			skip_padding(intake);
	} while (intake->at == intake->length && !intake->ended);
	if (intake->at == intake->length)
		return STATUS_OK;
	if (intake->bytes[intake->at] != '\x1f')
		return fail(err, STATUS_DATA_LOSS,
			"gzip data is followed by bytes that are not gzip at stored byte %llu",
			(unsigned long long)intake_position(intake));
	isal_inflate_init(&gzip->inflate);
	gzip->inflate.crc_flag = ISAL_GZIP;
	gzip->between = false;
	gzip->began = true;
	return STATUS_OK;
}

/* One step of the decoder; consumes from the intake and adds to *decoded. */
static enum status step(struct gzip *gzip, struct intake *intake, char *bytes, size_t capacity,
	size_t *decoded, struct error *err)
{
	struct inflate_state *inflate = &gzip->inflate;
	size_t room = capacity - *decoded;
	size_t given = intake->length - intake->at;
	given = given < INTAKE_BYTES ? given : INTAKE_BYTES;
	room = room < (1u << 30) ? room : (1u << 30);
	/* The library's input is not const; it does not write to it. */
	inflate->next_in = (uint8_t *)(uintptr_t)(intake->bytes + intake->at);
	inflate->avail_in = (uint32_t)given;
	inflate->next_out = (uint8_t *)bytes + *decoded;
	inflate->avail_out = (uint32_t)room;
	int code = isal_inflate(inflate);
	intake->at += given - inflate->avail_in;
	if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT)
		return fail(err, STATUS_DATA_LOSS, "gzip data is corrupt at stored byte %llu: %s",
			(unsigned long long)intake_position(intake), problem(code));
	*decoded += room - inflate->avail_out;
	gzip->between = inflate->block_state == ISAL_BLOCK_FINISH;
	return STATUS_OK;
}

static enum status decode(void *state, struct intake *intake, char *bytes, size_t capacity,
	size_t *decoded_out, struct error *err)
{
	struct gzip *gzip = state;
	size_t decoded = 0;
	while (decoded == 0) {
		if (gzip->between) {
			TRY(next_member(gzip, intake, err));
			if (gzip->between)
				break;
		}
		TRY(intake_fill(intake, err));
		bool dry = intake->at == intake->length;
		TRY(step(gzip, intake, bytes, capacity, &decoded, err));
		if (dry && !decoded && !gzip->between)
			return fail(err, STATUS_DATA_LOSS,
				"gzip data is cut short at stored byte %llu",
				(unsigned long long)intake_position(intake));
	}
	*decoded_out = decoded;
	return STATUS_OK;
}

const struct codec codec_gzip = {
	.compression = COMPRESSION_GZIP,
	.is = is_gzip,
	.state_new = gzip_new,
	.state_free = free,
	.decode = decode,
};

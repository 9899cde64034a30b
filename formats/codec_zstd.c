#include "base/memory.h"
#include "formats/codec.h"

#include <stdlib.h>
#include <zstd.h>

/* Zstandard (RFC 8878): frames, skippable frames among them. */
struct zstd {
	ZSTD_DStream *stream;
	bool inside; /* a frame began and has not ended */
};

/* 128 MiB, the format's own recommendation and the tool's default. */
enum { WINDOW_LOG_MAX = 27 };

static bool is_zstd(struct text head)
{
	if (text_starts(head, TEXT("\x28\xb5\x2f\xfd")))
		return true;
	return head.length >= 4 && ((unsigned char)head.at[0] & 0xf0u) == 0x50 &&
	       memcmp(head.at + 1, "\x2a\x4d\x18", 3) == 0;
}

static void *zstd_new(void)
{
	struct zstd *zstd = memory_new(sizeof *zstd);
	zstd->stream = ZSTD_createDStream();
	if (zstd->stream)
		(void)ZSTD_DCtx_setParameter(zstd->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	return zstd;
}

static void zstd_free(void *state)
{
	struct zstd *zstd = state;
	(void)ZSTD_freeDStream(zstd->stream);
	free(zstd);
}

static enum status decode(void *state, struct intake *intake, char *bytes, size_t capacity,
	size_t *decoded_out, struct error *err)
{
	struct zstd *zstd = state;
	ZSTD_outBuffer to = {bytes, capacity, 0};
	if (!zstd->stream)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no memory for a zstd decoder");
	while (to.pos == 0) {
		TRY(intake_fill(intake, err));
		bool dry = intake->at == intake->length;
		if (dry && !zstd->inside)
			break;
		ZSTD_inBuffer from = {intake->bytes + intake->at, intake->length - intake->at, 0};
		size_t left = ZSTD_decompressStream(zstd->stream, &to, &from);
		intake->at += from.pos;
		if (ZSTD_isError(left))
			return fail(err, STATUS_DATA_LOSS,
				"zstd data is corrupt at stored byte %llu: %s",
				(unsigned long long)intake_position(intake),
				ZSTD_getErrorName(left));
		zstd->inside = left != 0;
		if (dry && zstd->inside && to.pos == 0)
			return fail(err, STATUS_DATA_LOSS,
				"zstd data is cut short at stored byte %llu",
				(unsigned long long)intake_position(intake));
	}
	*decoded_out = to.pos;
	return STATUS_OK;
}

const struct codec codec_zstd = {
	.compression = COMPRESSION_ZSTD,
	.is = is_zstd,
	.state_new = zstd_new,
	.state_free = zstd_free,
	.decode = decode,
};

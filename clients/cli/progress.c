#include "clients/cli/progress.h"

#include "base/clock.h"
#include "clients/cli/render.h"

#include <inttypes.h>

enum { BAR_CELLS = 24, LINE_BYTES_MAX = 4096 };
static const double silence_s = 5.0;

static void add_bar(struct buffer *out, double fraction)
{
	int filled = (int)(fraction * BAR_CELLS + 0.5);
	buffer_add_byte(out, '[');
	for (int i = 0; i < BAR_CELLS; i++)
		buffer_add_byte(out, i < filled ? '#' : '-');
	buffer_add_byte(out, ']');
}

static void add_objects(struct buffer *out, struct arena *arena, const Tenon__V1__Progress *at)
{
	if (at->objects_total)
		buffer_printf(out, "  %s/%s files", human_count(arena, at->objects_done),
			human_count(arena, at->objects_total));
	else if (at->objects_done)
		buffer_printf(out, "  %s", human_things(arena, at->objects_done, "file"));
	if (at->bytes_total)
		buffer_printf(out, "  %s of %s", human_bytes(arena, at->bytes_done),
			human_bytes(arena, at->bytes_total));
	else if (at->bytes_done)
		buffer_printf(out, "  %s", human_bytes(arena, at->bytes_done));
}

void progress_line(struct buffer *out, const Tenon__V1__Run *run, double seconds, bool bar)
{
	OWNED(arena) arena = arena_new();
	const Tenon__V1__Progress *at = run->progress;
	if (!at || !at->phase[0]) {
		buffer_add_string(out,
			run->state == TENON__V1__RUN_STATE__RUN_STATE_QUEUED ? "waiting to start"
			: run->state == TENON__V1__RUN_STATE__RUN_STATE_COMMITTING ? "committing"
										   : "running");
	} else {
		/* Negative means unknown; NaN must not reach the cast. */
		bool known = at->fraction >= 0;
		double fraction = at->fraction > 1 ? 1 : at->fraction;
		if (known && bar) {
			add_bar(out, fraction);
			buffer_add_string(out, " ");
		}
		if (known)
			buffer_printf(out, "%3.0f %%  ", fraction * 100);
		buffer_add_string(out, printable(arena, at->phase));
		add_objects(out, arena, at);
		if (at->detail[0])
			buffer_printf(out, "  %s", printable(arena, at->detail));
	}
	buffer_printf(out, "  %s", human_seconds(arena, seconds));
}

void progress_start(struct progress *progress, FILE *file, bool terminal, bool color)
{
	uint64_t now = clock_monotonic_ns();
	*progress = (struct progress){file, terminal, color, now, now, false};
}

void progress_show(struct progress *progress, const Tenon__V1__Run *run)
{
	struct buffer SCOPED_BUFFER line = {0};
	uint64_t now = clock_monotonic_ns();
	if (run_state_is_final(run->state))
		return;
	if (!progress->terminal && (double)(now - progress->spoken_ns) / 1e9 < silence_s)
		return;
	progress->spoken_ns = now;
	buffer_init(&line, LINE_BYTES_MAX);
	progress_line(&line, run, (double)(now - progress->started_ns) / 1e9, progress->terminal);
	if (progress->terminal)
		(void)fprintf(progress->file, "\r\033[K%.*s", TEXT_ARG(buffer_text(&line)));
	else
		(void)fprintf(progress->file, "%.*s\n", TEXT_ARG(buffer_text(&line)));
	(void)fflush(progress->file);
	progress->drawn = progress->terminal;
}

void progress_clear(struct progress *progress)
{
	if (progress->drawn)
		(void)fprintf(progress->file, "\r\033[K");
	(void)fflush(progress->file);
	progress->drawn = false;
}

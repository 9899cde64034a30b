#include "service/log_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

struct log_watch {
	struct daemon *daemon;
	int fd;
};

/* Which log it was does not matter: few are followed, and a look costs a read. */
static void something_written(void *state)
{
	const struct log_watch *watch = state;
	char events[4096];
	while (read(watch->fd, events, sizeof events) > 0)
		;
	if (watches_has_logs(watch->daemon->watches))
		watches_wake_logs(watch->daemon->watches);
}

enum status log_watch_start(struct daemon *daemon, int *fd_out, struct error *err)
{
	struct log_watch *watch = arena_alloc(daemon->arena, sizeof *watch);
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0 || inotify_add_watch(fd, daemon->log_folder, IN_MODIFY) < 0) {
		(void)fail(err, STATUS_RESOURCE_EXHAUSTED, "'%s' cannot be watched: %s",
			daemon->log_folder, strerrordesc_np(errno));
		if (fd >= 0)
			(void)close(fd);
		return err->status;
	}
	*watch = (struct log_watch){daemon, fd};
	*fd_out = fd;
	return supervisor_watch(daemon->supervisor, fd, something_written, watch, err);
}

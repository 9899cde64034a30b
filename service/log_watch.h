#pragma once

#include "service/daemon.h"

/* Wakes the streams that follow logs when a worker writes to one: an inotify watch
 * of the folder, in the supervisor's loop. `fd_out` is to be closed at the end. */
enum status log_watch_start(struct daemon *daemon, int *fd_out, struct error *err) MUST_USE;

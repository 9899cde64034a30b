#pragma once

#include "clients/cli/command.h"

/* What the person who called can do about `err`, in one line, or NULL: by its status, and
 * of what is missing by its name; the daemon is asked for names like it. */
const char *remedy(struct cli *cli, const struct command *command, const struct error *err);

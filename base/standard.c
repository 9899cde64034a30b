#include "base/standard.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void standard_files_hold(void)
{
	for (int wanted = STDIN_FILENO; wanted <= STDERR_FILENO; wanted++) {
		if (fcntl(wanted, F_GETFD) >= 0)
			continue;
		/* The lowest free number is `wanted`. */
		if (open("/dev/null", wanted == STDERR_FILENO ? O_WRONLY : O_RDONLY) != wanted)
			abort();
	}
}

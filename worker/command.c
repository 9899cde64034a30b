#include "worker/command.h"

#include <stdio.h>

int command_complain(int code, const char *message)
{
	(void)fprintf(stderr, "tenon-worker: %s\n", message);
	return code;
}

#include "worker/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile bool asked;

static void on_signal(int number)
{
	if (asked && number == SIGINT)
		_exit(EXIT_INTERRUPTED);
	asked = true;
}

void interrupt_start(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	/* A reader that has gone is seen where the output is written. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

bool interrupt_asked(void)
{
	return asked;
}

const volatile bool *interrupt_flag(void)
{
	return &asked;
}

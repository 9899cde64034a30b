#include "etl/step.h"

__attribute__((weak)) void etl_step(const char *step)
{
	(void)step;
}

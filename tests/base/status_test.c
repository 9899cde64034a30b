#include "tests/unit.h"

#include "base/status.h"

#include <string.h>

static void a_refusal_is_the_askers_to_mend_and_a_failure_is_not(void **state)
{
	static const char refusals[] = "INVALID_ARGUMENT NOT_FOUND ALREADY_EXISTS "
				       "PERMISSION_DENIED FAILED_PRECONDITION ABORTED "
				       "OUT_OF_RANGE UNIMPLEMENTED UNAUTHENTICATED";
	(void)state;
	for (int i = STATUS_OK; i <= STATUS_UNAUTHENTICATED; i++) {
		const char *name = status_name((enum status)i);
		if (status_is_refusal((enum status)i) != (strstr(refusals, name) != NULL))
			fail_msg("%s", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_is_the_askers_to_mend_and_a_failure_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

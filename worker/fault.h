#pragma once

/* Test only: when TENON_FAULT names this point the process kills itself here with
 * SIGKILL, as a crash would. Points: after-task, after-ledger, before-apply,
 * after-apply, mid-write, and those of etl/step.h (after-begin-output, after-stage,
 * before-commit, after-commit). */
void fault_point(const char *name);

/* The etl room's hook at its own points. */
void etl_step(const char *step);

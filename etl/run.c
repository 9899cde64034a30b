#include "etl/run.h"

#include "base/clock.h"
#include "engine/engine.h"
#include "etl/args.h"
#include "etl/faults.h"
#include "etl/plan.h"
#include "etl/report.h"
#include "etl/source.h"
#include "etl/step.h"
#include "etl/target.h"
#include "etl/transform.h"
#include "etl/watch.h"
#include "storage/stage.h"

/* A run's state, beside its plan, which is read-only. */
struct run {
	const char *id;
	const Tenon__V1__JobTask *task;
	struct compile compile;
	struct plan plan;
	struct frame *frames; /* one per node, in the plan's order; targets have none */
	struct source *sources;
	size_t source_count;
	struct target *targets;
	size_t target_count;
	bool staged; /* something may lie in stage folders */
	bool committing; /* from here the daemon owns what is staged */
	uint64_t start_ns;
};

static void run_end(struct run *run)
{
	for (size_t i = 0; i < run->target_count; i++) {
		struct target *target = &run->targets[i];
		struct error ignored; /* the daemon sweeps what is left */
		if (run->staged && !run->committing && target->store &&
			stage_discard(target->store, target->location, text_of(run->id),
				&ignored) != STATUS_OK)
			compile_note(&run->compile, "%s: %s", target->node, ignored.message);
		target_done(target);
	}
	engine_free(run->compile.engine);
	for (size_t i = 0; i < run->source_count; i++)
		source_done(&run->sources[i]);
}

static enum status plan_of(struct run *run, struct error *err)
{
	struct arena *arena = run->compile.arena;
	size_t count = run->task->n_args;
	struct arg *args = arena_array(arena, count, sizeof *args);
	for (size_t i = 0; i < count; i++)
		args[i] = (struct arg){run->task->args[i]->key, run->task->args[i]->value};
	if (!run->task->job || !run->task->job->plan)
		return fail(err, STATUS_INVALID_ARGUMENT, "the job has no plan");
	ProtobufCMessage *plan = NULL;
	TRY(args_apply(arena, &run->task->job->plan->base, args, count, &plan, err));
	TRY(plan_order(arena, (const Tenon__V1__Plan *)plan, &run->plan, err));
	run->frames = arena_array(arena, run->plan.count, sizeof *run->frames);
	run->sources = arena_array(arena, run->plan.count, sizeof *run->sources);
	run->targets = arena_array(arena, run->plan.count, sizeof *run->targets);
	return STATUS_OK;
}

static enum status open_engine(struct run *run, struct error *err)
{
	const char *spill = run->task->spill_folder;
	struct engine_limits limits = {
		.memory_bytes = run->task->memory_bytes,
		.threads = run->task->threads,
		.spill_folder = spill && spill[0] ? spill : NULL,
	};
	return engine_open(&limits, &run->compile.engine, err);
}

/* Known to be there: plan_order saw every input. */
static const struct frame *frame_called(const struct run *run, const char *name)
{
	size_t at = 0;
	while (!text_equal_folded(text_of(run->plan.nodes[at]->name), text_of(name)))
		at++;
	return &run->frames[at];
}

static enum status compile_transform(
	struct run *run, const Tenon__V1__Node *node, struct frame *frame, struct error *err)
{
	struct frame *inputs = arena_array(run->compile.arena, node->n_inputs, sizeof *inputs);
	for (size_t i = 0; i < node->n_inputs; i++)
		inputs[i] = *frame_called(run, node->inputs[i]);
	return transform_of(node)->compile(&run->compile, node, inputs, node->n_inputs, frame, err);
}

static enum status compile_node(struct run *run, size_t at, struct error *err)
{
	const Tenon__V1__Node *node = run->plan.nodes[at];
	struct frame *frame = &run->frames[at];
	frame->name = text_of(node->name);
	if (node->kind_case == TENON__V1__NODE__KIND_TARGET)
		return target_resolve(&run->compile, node, frame_called(run, node->inputs[0]),
			&run->targets[run->target_count++], err);
	if (node->kind_case == TENON__V1__NODE__KIND_SOURCE) {
		struct source *source = &run->sources[run->source_count++];
		TRY(source_resolve(&run->compile, node, run->task, source, err));
		TRY(source_compile(&run->compile, source, frame, err));
	} else {
		TRY(compile_transform(run, node, frame, err));
	}
	return engine_add_view(run->compile.engine, TEXT(""), frame->name, frame->sql, err);
}

static enum status compile_plan(struct run *run, struct error *err)
{
	for (size_t i = 0; i < run->plan.count; i++) {
		TRY(run_report(&run->compile, "listing", run->sources, run->source_count, err));
		if (compile_node(run, i, err) != STATUS_OK)
			return fail_within(err, "node '%s'", run->plan.nodes[i]->name);
	}
	return STATUS_OK;
}

/* A target inside a source would be read by the next run. */
static enum status check_loops(const struct run *run, struct error *err)
{
	for (size_t i = 0; i < run->target_count; i++) {
		for (size_t k = 0; k < run->source_count; k++) {
			struct text target = run->targets[i].location;
			struct text source = run->sources[k].location;
			bool inside =
				text_starts(target, source) &&
				(target.length == source.length || target.at[source.length] == '/');
			if (inside)
				return fail(err, STATUS_INVALID_ARGUMENT,
					"node '%s' writes to '%.*s', where node '%s' reads: the "
					"next run "
					"would read its output",
					run->targets[i].node, TEXT_ARG(target),
					run->sources[k].node);
		}
	}
	return STATUS_OK;
}

static bool has_input(const struct run *run)
{
	bool files = false;
	for (size_t i = 0; i < run->source_count; i++)
		files |= run->sources[i].file_count > 0;
	return files;
}

static enum status begin_output(struct run *run, struct error *err)
{
	char **folders = arena_array(run->compile.arena, run->target_count, sizeof *folders);
	for (size_t i = 0; i < run->target_count; i++)
		folders[i] = arena_text(run->compile.arena, run->targets[i].location);
	TRY(run->compile.host->begin_output(
		run->compile.host->state, folders, run->target_count, err));
	run->staged = true;
	etl_step("after-begin-output");
	return STATUS_OK;
}

static enum status write_outputs(struct run *run, struct error *err)
{
	struct watched watched = {
		.engine = run->compile.engine, .host = run->compile.host, .phase = "writing"};
	for (size_t i = 0; i < run->source_count; i++) {
		watched.objects += run->sources[i].file_count;
		watched.bytes += source_bytes(&run->sources[i]);
	}
	OWNED(watch) watch = watch_start(&watched);
	for (size_t i = 0; i < run->target_count; i++) {
		if (target_write(&run->compile, run->id, &run->targets[i], err) != STATUS_OK)
			return fail_within(err, "node '%s'", run->targets[i].node);
	}
	return STATUS_OK;
}

static enum status discard_outputs(struct run *run, struct error *err)
{
	for (size_t i = 0; i < run->target_count; i++) {
		struct target *target = &run->targets[i];
		TRY(stage_discard(target->store, target->location, text_of(run->id), err));
		target->files = NULL;
		target->file_count = 0;
	}
	return STATUS_OK;
}

/* A file that turns out to be faulty has given rows already: the outputs are dropped
 * and written again without it. */
static enum status write_readable(struct run *run, struct error *err)
{
	while (has_input(run)) {
		if (write_outputs(run, err) == STATUS_OK)
			break;
		TRY(faults_set_aside(run->sources, run->source_count, err));
		compile_note(
			&run->compile, "%s: set aside, writing again without it", err->message);
		TRY(discard_outputs(run, err));
	}
	for (size_t i = 0; i < run->source_count; i++)
		hollow_set_aside(&run->sources[i]);
	return STATUS_OK;
}

static enum status commit(struct run *run, struct error *err)
{
	struct arena *arena = run->compile.arena;
	Tenon__V1__CommitRunRequest *request = arena_alloc(arena, sizeof *request);
	tenon__v1__commit_run_request__init(request);
	size_t number = 0;
	for (size_t i = 0; i < run->target_count; i++)
		TRY(target_commit(&run->compile, run->id, &run->targets[i], &number, request, err));
	TRY(report_sources(&run->compile, run->id, run->sources, run->source_count, request, err));
	TRY(report_stats(
		&run->compile, run->sources, run->source_count, run->start_ns, request, err));
	TRY(run_report(&run->compile, "committing", run->sources, run->source_count, err));
	etl_step("before-commit");
	run->committing = true;
	TRY(run->compile.host->commit(run->compile.host->state, request, err));
	etl_step("after-commit");
	return STATUS_OK;
}

/* plan → engine → resolve, select and compile → stage → commit */
static enum status run_steps(struct run *run, struct error *err)
{
	TRY(plan_of(run, err));
	TRY(open_engine(run, err));
	TRY(compile_plan(run, err));
	TRY(check_loops(run, err));
	if (has_input(run)) {
		TRY(begin_output(run, err));
		TRY(write_readable(run, err));
		etl_step("after-stage");
	}
	return commit(run, err);
}

enum status etl_run(const char *run_id, const Tenon__V1__JobTask *task, const struct etl_host *host,
	struct arena *arena, struct error *err)
{
	struct run run = {
		.id = run_id,
		.task = task,
		.compile = {.arena = arena, .host = host},
		.start_ns = clock_monotonic_ns(),
	};
	enum status status = run_steps(&run, err);
	run_end(&run);
	return status;
}

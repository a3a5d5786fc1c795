/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch-kernel.c - rsm watch --kernel: the events of the kernel module
 *
 * Neither library nor database is asked: this works when they do not.
 */
#include "watch-kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "deadline.h"
#include "kernel-events.h"
#include "names.h"
#include "text.h"

static const struct word types[] = {
	{RSM_EVENT_DEVICE_ADDED, "device_added"},
	{RSM_EVENT_DEVICE_GONE, "device_gone"},
	{RSM_EVENT_RESERVED, "reserved"},
	{RSM_EVENT_TRANSFERRED, "transferred"},
	{RSM_EVENT_RELEASED, "released"},
	{RSM_EVENT_ORPHANED, "orphaned"},
	{RSM_EVENT_REVOKED, "revoked"},
	{RSM_EVENT_RECOVERED, "recovered"},
	{RSM_EVENT_CONFLICT, "conflict"},
	{RSM_EVENT_ROBOT_BEGIN, "robot_begin"},
	{RSM_EVENT_ROBOT_END, "robot_end"},
	{RSM_EVENT_UNIT_ATTENTION, "unit_attention"},
	{RSM_EVENT_LEASE_TAKEN, "lease_taken"},
	{RSM_EVENT_LEASE_LOST, "lease_lost"},
	{RSM_EVENT_EXPECT_GONE, "expect_gone"},
	{RSM_EVENT_OVERRUN, "overrun"},
	{RSM_EVENT_MANAGED, "managed"},
	{RSM_EVENT_UNMANAGED, "unmanaged"},
	{RSM_EVENT_CLOSED, "closed"},
	{0, NULL},
};

static const struct word robot_operations[] = {
	{RSM_ROBOT_TEST_READY, "test_ready"},
	{RSM_ROBOT_MOVE, "move"},
	{RSM_ROBOT_EXCHANGE, "exchange"},
	{RSM_ROBOT_POSITION, "position"},
	{RSM_ROBOT_INIT_STATUS, "init_status"},
	{RSM_ROBOT_INIT_RANGE, "init_range"},
	{RSM_ROBOT_READ_STATUS, "read_status"},
	{RSM_ROBOT_PREVENT, "prevent"},
	{RSM_ROBOT_ALLOW, "allow"},
	{RSM_ROBOT_REQUEST_SENSE, "request_sense"},
	{0, NULL},
};

/* ---- one event ---- */

static void set_device(struct json_object *row, const struct rsm_device *device)
{
	char *address;

	if (device->id == 0)
		return;
	address = text_format("%u:%u:%u:%llu", device->host, device->channel, device->target,
			      (unsigned long long)device->lun);
	json_set_text(row, "kind", device->kind == RSM_KIND_CHANGER ? "changer" : "drive");
	json_set_text(row, "address", address);
	JSON_SET_RAW(row, "serial", device->serial);
	free(address);
}

static void set_detail(struct json_object *row, const struct rsm_event *event)
{
	switch (event->type) {
	case RSM_EVENT_ROBOT_BEGIN:
	case RSM_EVENT_ROBOT_END:
		json_set_text(row, "operation", word_of(robot_operations, event->detail & 0xFF));
		json_set_number(row, "status", event->detail >> 8 & 0xFF);
		json_set_number(row, "source", event->source);
		json_set_number(row, "destination", event->destination);
		break;
	case RSM_EVENT_UNIT_ATTENTION:
		json_set_number(row, "asc", event->detail >> 8 & 0xFF);
		json_set_number(row, "ascq", event->detail & 0xFF);
		break;
	case RSM_EVENT_OVERRUN:
		json_set_number(row, "lost", event->detail);
		break;
	case RSM_EVENT_CONFLICT:
		json_set_number(row, "major", event->node >> 20);
		json_set_number(row, "minor", event->node & 0xFFFFF);
		break;
	default:
		break;
	}
}

struct json_object *kernel_event_describe(const struct rsm_event *event,
					  const struct rsm_device *device)
{
	struct json_object *row = json_record();
	NTMS_GUID medium;

	memcpy(&medium, event->medium, sizeof(medium));
	json_set_unix_ms(row, "time", event->time_ns / 1000000);
	json_set_number(row, "sequence", event->sequence);
	json_set_text(row, "event", word_of(types, event->type));
	json_set_number(row, "type", event->type);
	if (event->device)
		json_set_number(row, "device", event->device);
	set_device(row, device);
	if (event->generation)
		json_set_number(row, "generation", event->generation);
	json_set_guid(row, "medium", &medium);
	if (event->pid) {
		json_set_number(row, "pid", (uint64_t)event->pid);
		JSON_SET_RAW(row, "command", event->comm);
		json_set_number(row, "uid", event->uid);
	}
	if (event->other_pid) {
		json_set_number(row, "other_pid", (uint64_t)event->other_pid);
		JSON_SET_RAW(row, "other_command", event->other_comm);
	}
	set_detail(row, event);
	return row;
}

static long long number_at(const struct json_object *row, const char *key)
{
	return json_object_get_int64(json_at(row, key));
}

static void put_device(FILE *out, const struct json_object *row)
{
	if (!json_at(row, "device"))
		return;
	if (json_at(row, "kind"))
		fprintf(out, "  %s %s %s", json_text(row, "kind"), json_text(row, "address"),
			json_text(row, "serial"));
	else
		fprintf(out, "  device %lld", number_at(row, "device"));
}

static void put_detail(FILE *out, const struct json_object *row)
{
	if (json_at(row, "operation")) {
		fprintf(out, "  %s", json_text(row, "operation"));
		if (number_at(row, "source") || number_at(row, "destination"))
			fprintf(out, " %lld to %lld", number_at(row, "source"),
				number_at(row, "destination"));
		if (number_at(row, "status"))
			fprintf(out, ", SCSI status 0x%02llx", number_at(row, "status"));
	}
	if (json_at(row, "asc"))
		fprintf(out, "  ASC 0x%02llx, ASCQ 0x%02llx", number_at(row, "asc"),
			number_at(row, "ascq"));
	if (json_at(row, "lost"))
		fprintf(out, "  %lld events are lost", number_at(row, "lost"));
	if (json_at(row, "major") && number_at(row, "major"))
		fprintf(out, "  node %lld:%lld", number_at(row, "major"), number_at(row, "minor"));
}

char *kernel_event_text(const struct json_object *row)
{
	const char *other = strcmp(json_text(row, "event"), "conflict") ? "from" : "held by";
	char *line = NULL;
	size_t size;
	FILE *out = need(open_memstream(&line, &size));

	fprintf(out, "%s %-14s", json_text(row, "time"), json_text(row, "event"));
	put_device(out, row);
	put_detail(out, row);
	if (json_at(row, "pid"))
		fprintf(out, "  by %s (%lld)", json_text(row, "command"), number_at(row, "pid"));
	if (json_at(row, "other_pid"))
		fprintf(out, ", %s %s (%lld)", other, json_text(row, "other_command"),
			number_at(row, "other_pid"));
	if (fclose(out))
		need(NULL);
	return line;
}

/* ---- all of them ---- */

/* What the module knows of the device; that is nothing when it is gone. */
static void look_up(int module, const struct rsm_event *event, struct rsm_device *device)
{
	*device = (struct rsm_device){.id = event->device};
	if (event->device == 0 || ioctl(module, RSM_IOC_DEVICE, device) ||
	    device->id != event->device)
		device->id = 0;
}

static void print_event(const struct rsm *rsm, int module, const struct rsm_event *event)
{
	struct rsm_device device;
	struct json_object *row;
	char *line;

	look_up(module, event, &device);
	row = kernel_event_describe(event, &device);
	if (rsm->json) {
		print_json_line(row);
	} else if (rsm->brief) {
		print_text(json_text(row, "event"));
	} else {
		line = kernel_event_text(row);
		print_text(line);
		free(line);
	}
	json_object_put(row);
	fflush(stdout);
}

/* Every event counts up by one: what is missing is told as the module itself would. */
static void print_gap(const struct rsm *rsm, const struct rsm_event *event, uint64_t last)
{
	struct rsm_event gap = {.type = RSM_EVENT_OVERRUN};

	if (last == 0 || event->sequence <= last + 1)
		return;
	gap.sequence = event->sequence - 1;
	gap.time_ns = event->time_ns;
	gap.detail = event->sequence - last - 1 > UINT32_MAX
			     ? UINT32_MAX
			     : (uint32_t)(event->sequence - last - 1);
	print_event(rsm, -1, &gap);
}

struct kernel_watch {
	struct kernel_events *events;
	int module;
	uint64_t last;		 /* sequence number of the event printed last */
	unsigned long long left; /* 0: no limit */
	bool ended;
};

/* Print what there is. */
static DWORD print_heard(struct rsm *rsm, struct kernel_watch *watch)
{
	struct rsm_event event;
	int heard;

	while (!watch->ended &&
	       (heard = kernel_events_next(watch->events, &event)) != KERNEL_NOTHING) {
		if (heard < 0)
			return note_text(rsm, ERROR_DEVICE_NOT_AVAILABLE,
					 "cannot hear the kernel any more: %s", strerror(-heard));
		if (heard == KERNEL_STRANGE)
			warn(rsm, "a message of the module is not understood; is it of another "
				  "version than rsm?");
		if (heard != KERNEL_EVENT) /* the next event shows how many are lost */
			continue;
		print_gap(rsm, &event, watch->last);
		watch->last = event.sequence;
		print_event(rsm, watch->module, &event);
		watch->ended = watch->left && --watch->left == 0;
	}
	return ERROR_SUCCESS;
}

static DWORD watch_events(struct rsm *rsm, struct kernel_watch *watch, DWORD timeout, int signals,
			  int *signal)
{
	struct pollfd fds[] = {{.fd = kernel_events_fd(watch->events), .events = POLLIN},
			       {.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo info;
	struct timespec end;
	DWORD code = ERROR_SUCCESS;
	int left = -1;

	deadline_after(&end, timeout);
	while (!code && !watch->ended && !ferror(stdout)) {
		if (timeout != INFINITE)
			left = deadline_ms_left(&end);
		if (poll(fds, 2, left) == 0 && left == 0)
			return watch->left ? note_text(rsm, ERROR_TIMEOUT,
						       "%llu of the events did not come in time",
						       watch->left)
					   : ERROR_SUCCESS;
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
			*signal = (int)info.ssi_signo;
			return ERROR_CANCELLED;
		}
		code = print_heard(rsm, watch);
	}
	return code;
}

DWORD watch_kernel(struct rsm *rsm, unsigned long long count, DWORD timeout, int signals,
		   int *signal)
{
	struct kernel_watch watch = {.module = -1, .left = count};
	int error = kernel_events_open(&watch.events);
	DWORD code;

	if (error == -ENOENT)
		return note_text(rsm, ERROR_DEVICE_NOT_AVAILABLE,
				 "the kernel module is not loaded; try modprobe rsm");
	if (error == -EPERM)
		return note_text(rsm, ERROR_ACCESS_DENIED,
				 "only root may hear the events of the kernel module");
	if (error)
		return note_text(rsm, ERROR_DEVICE_NOT_AVAILABLE,
				 "cannot hear the events of the kernel module: %s",
				 strerror(-error));
	watch.module = open("/dev/rsm", O_RDWR | O_CLOEXEC);
	if (!rsm->quiet)
		warn(rsm, "watching; end it with Ctrl-C");
	code = watch_events(rsm, &watch, timeout, signals, signal);
	if (watch.module >= 0)
		close(watch.module);
	kernel_events_close(watch.events);
	return code;
}

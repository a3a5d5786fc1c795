/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-kernel-events.c - what rsm watch --kernel takes for an event of the module, and what it
 * says of it
 */
#include <criterion/criterion.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include "kernel-events.h"
#include "watch-kernel.h"

/* The program itself, but for where it begins. */
int rsm_main(int argc, char **argv);
#define main rsm_main
#include "../../tools/rsm.c"
#undef main

#define FAMILY 31

static const struct rsm_event sample = {
	.type = RSM_EVENT_ROBOT_END,
	.device = 4,
	.sequence = 77,
	.time_ns = 1700000000123000000,
	.generation = 5,
	.medium = {1, 2, 3},
	.pid = 100,
	.other_pid = 200,
	.detail = RSM_ROBOT_MOVE | 0x02 << 8,
	.source = 1001,
	.destination = 256,
	.uid = 1000,
	.node = 9 << 20 | 1,
	.comm = "tar",
	.other_comm = "bacula-sd",
};

/* The message of the module, but for one attribute: left out, or with other bytes. */
static struct nl_msg *message_with(const struct rsm_event *event, int attribute, const void *data,
				   int size)
{
	struct nl_msg *message = nlmsg_alloc();

	cr_assert(genlmsg_put(message, 0, 1, FAMILY, 0, 0, RSM_GENL_CMD_EVENT, RSM_GENL_VERSION));
#define PUT(number, field)         \
	if (attribute != (number)) \
	cr_assert_eq(nla_put(message, number, sizeof(event->field), &event->field), 0)
	PUT(RSM_GENL_ATTR_TYPE, type);
	PUT(RSM_GENL_ATTR_DEVICE, device);
	PUT(RSM_GENL_ATTR_SEQUENCE, sequence);
	PUT(RSM_GENL_ATTR_TIME, time_ns);
	PUT(RSM_GENL_ATTR_GENERATION, generation);
	PUT(RSM_GENL_ATTR_MEDIUM, medium);
	PUT(RSM_GENL_ATTR_PID, pid);
	PUT(RSM_GENL_ATTR_OTHER_PID, other_pid);
	PUT(RSM_GENL_ATTR_DETAIL, detail);
	PUT(RSM_GENL_ATTR_SOURCE, source);
	PUT(RSM_GENL_ATTR_DESTINATION, destination);
	PUT(RSM_GENL_ATTR_UID, uid);
	PUT(RSM_GENL_ATTR_NODE, node);
#undef PUT
	if (attribute != RSM_GENL_ATTR_COMM)
		nla_put_string(message, RSM_GENL_ATTR_COMM, event->comm);
	if (attribute != RSM_GENL_ATTR_OTHER_COMM)
		nla_put_string(message, RSM_GENL_ATTR_OTHER_COMM, event->other_comm);
	if (data)
		cr_assert_eq(nla_put(message, attribute, size, data), 0);
	return message;
}

static bool decodes(struct nl_msg *message, struct rsm_event *event)
{
	bool good = kernel_event_decode(nlmsg_hdr(message), FAMILY, event);

	nlmsg_free(message);
	return good;
}

Test(kernel_events, an_event_comes_as_it_was_sent)
{
	struct rsm_event event;

	cr_assert(decodes(message_with(&sample, 0, NULL, 0), &event));
	cr_assert_arr_eq(&event, &sample, sizeof(event));
}

Test(kernel_events, attributes_of_later_versions_are_passed_over)
{
	struct rsm_event event;

	cr_assert(decodes(message_with(&sample, RSM_GENL_ATTR_MAX + 1, "later", 6), &event));
	cr_assert_arr_eq(&event, &sample, sizeof(event));
}

Test(kernel_events, each_attribute_is_needed_in_its_size)
{
	static const char much[64] = {0};
	struct rsm_event event;

	for (int i = RSM_GENL_ATTR_TYPE; i <= RSM_GENL_ATTR_MAX; i++) {
		bool text = i == RSM_GENL_ATTR_COMM || i == RSM_GENL_ATTR_OTHER_COMM;

		cr_assert_not(decodes(message_with(&sample, i, NULL, 0), &event), "without %d", i);
		cr_assert_not(decodes(message_with(&sample, i, much, 0), &event), "%d empty", i);
		cr_assert_not(decodes(message_with(&sample, i, much, 64), &event), "%d long", i);
		if (!text)
			cr_assert_not(decodes(message_with(&sample, i, much, 1), &event),
				      "%d short", i);
	}
	cr_assert_not(decodes(message_with(&sample, RSM_GENL_ATTR_COMM, "abc", 3), &event),
		      "a text without an end");
}

Test(kernel_events, only_events_of_the_family)
{
	struct nl_msg *message = message_with(&sample, 0, NULL, 0);
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct rsm_event event;

	cr_assert_not(kernel_event_decode(header, FAMILY + 1, &event));
	header->nlmsg_len = NLMSG_HDRLEN + 2;
	cr_assert_not(kernel_event_decode(header, FAMILY, &event), "no room for its own header");
	nlmsg_free(message);
	message = message_with(&sample, 0, NULL, 0);
	genlmsg_hdr(nlmsg_hdr(message))->cmd = RSM_GENL_CMD_EVENT + 1;
	cr_assert_not(decodes(message, &event));
}

/* ---- what is said ---- */

static void says(const struct rsm_event *event, const struct rsm_device *device, const char *text)
{
	struct json_object *row = kernel_event_describe(event, device);
	char *line = kernel_event_text(row);

	cr_assert(strstr(line, text), "\"%s\" is not in \"%s\"", text, line);
	free(line);
	json_object_put(row);
}

Test(kernel_events, a_robot_command)
{
	static const struct rsm_device changer = {
		.id = 4, .kind = RSM_KIND_CHANGER, .host = 2, .lun = 3, .serial = "CH1"};

	says(&sample, &changer,
	     "robot_end       changer 2:0:0:3 CH1  move 1001 to 256, SCSI status 0x02  by tar "
	     "(100)");
}

Test(kernel_events, a_device_that_is_gone)
{
	static const struct rsm_event gone = {.type = RSM_EVENT_DEVICE_GONE, .device = 9};
	static const struct rsm_device nothing;

	says(&gone, &nothing, "device_gone     device 9");
}

Test(kernel_events, a_refused_opening)
{
	static const struct rsm_device drive = {.id = 4, .kind = RSM_KIND_DRIVE, .serial = "D1"};
	struct rsm_event event = sample;

	event.type = RSM_EVENT_CONFLICT;
	says(&event, &drive,
	     "conflict        drive 0:0:0:0 D1  node 9:1  by tar (100), held by bacula-sd (200)");
}

Test(kernel_events, lost_events_and_later_types)
{
	static const struct rsm_device nothing;
	struct rsm_event event = {.type = RSM_EVENT_OVERRUN, .detail = 12};

	says(&event, &nothing, "overrun         12 events are lost");
	event = (struct rsm_event){.type = 1000};
	says(&event, &nothing, "unknown");
	event = (struct rsm_event){.type = RSM_EVENT_ROBOT_BEGIN, .device = 1, .detail = 99};
	says(&event, &nothing, "robot_begin");
}

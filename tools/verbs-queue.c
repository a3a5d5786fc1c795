/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs-queue.c - the verbs about queued work */
#include "verbs.h"

const struct verb queue_verbs[] = {
	{
		.name = "request list",
		.operands = "",
		.summary = "show the work that is queued, and in which order",
		.brief = "GUIDs",
		.json = "a list of librequests, with order (null for what has no place)",
		.options = OPTIONS(FLAG(OPT_ALL, "all", "finished requests as well"),
				   NAMED(OPT_LIBRARY, "library", "LIBRARY", "library",
					 "only those of this library")),
		.run = cmd_request_list,
	},
	{
		.name = "request order",
		.operands = "REQUEST [NUMBER|last]",
		.summary = "show or change a mount request's place in the queue; 1 is next",
		.details = "REQUEST is a GUID, or a beginning of one, of four digits or more, that "
			   "fits no other. Beyond the end is the end; last also puts it behind "
			   "mounts of its priority that are still to come.",
		.brief = "the place",
		.json = "the librequest, with order",
		.least = 1,
		.most = 2,
		.completes = "librequest",
		.run = cmd_request_order,
	},
	{
		.name = "request wait",
		.operands = "REQUEST",
		.summary = "wait until a request is over",
		.details = "Fails as the request does. Interrupted, the request stays.",
		.brief = "its state",
		.json = "the librequest",
		.least = 1,
		.most = 1,
		.options = OPTIONS(TIMEOUT("wait no longer than this; 0 only looks")),
		.completes = "librequest",
		.run = cmd_request_wait,
	},
	{
		.name = "request cancel",
		.operands = "REQUEST...",
		.summary = "take requests out of the queue",
		.details = "What is being carried out and cannot stop is refused. One that fails "
			   "does not keep the others from being done.",
		.brief = "GUIDs",
		.json = "a list of id",
		.least = 1,
		.most = MANY,
		.completes = "librequest",
		.run = cmd_request_cancel,
	},
	{
		.name = "request delete",
		.operands = "REQUEST... | --all",
		.summary = "delete the records of finished requests",
		.brief = "GUIDs",
		.json = "a list of id",
		.most = MANY,
		.options = OPTIONS(FLAG(OPT_ALL, "all", "of all that are finished")),
		.completes = "librequest",
		.run = cmd_request_delete,
	},
	{
		.name = "opreq list",
		.operands = "",
		.summary = "show what people are asked to do",
		.brief = "GUIDs",
		.json = "a list of oprequests",
		.options = OPTIONS(FLAG(OPT_ALL, "all", "what is done or refused as well")),
		.run = cmd_opreq_list,
	},
	{
		.name = "opreq satisfy",
		.operands = "REQUEST...",
		.summary = "say that what was asked for is done",
		.details =
			"REQUEST is a GUID, or a beginning of one, of four digits or more, that "
			"fits no other. One that fails does not keep the others from being done.",
		.brief = "GUIDs",
		.json = "a list of id",
		.least = 1,
		.most = MANY,
		.completes = "oprequest",
		.run = cmd_opreq_satisfy,
	},
	{
		.name = "opreq refuse",
		.operands = "REQUEST...",
		.summary = "say that it will not be done; what waits for it fails",
		.brief = "GUIDs",
		.json = "a list of id",
		.least = 1,
		.most = MANY,
		.completes = "oprequest",
		.run = cmd_opreq_refuse,
	},
	{
		.name = "opreq submit",
		.operands = "WHAT [OBJECT [LIBRARY]]",
		.summary = "ask people for something",
		.details =
			"WHAT is new_media (OBJECT is a pool, LIBRARY may be told), cleaner (a "
			"library or slot), device_service (a library, drive, door or cartridge), "
			"move_media (a cartridge, and the LIBRARY to put it into) or message.",
		.brief = "its GUID",
		.json = "the oprequest",
		.least = 1,
		.most = 3,
		.options = OPTIONS(TEXT(OPT_MESSAGE, "message", "TEXT", "what they are told")),
		.completes = "new_media=cleaner=device_service=move_media=message "
			     "media_pool,library,drive,iedoor,physical_media library",
		.run = cmd_opreq_submit,
	},
	{
		.name = "opreq wait",
		.operands = "REQUEST",
		.summary = "wait until a request is satisfied",
		.details = "Fails when it is refused. Interrupted, the request stays.",
		.brief = "its state",
		.json = "the oprequest",
		.least = 1,
		.most = 1,
		.options = OPTIONS(TIMEOUT("wait no longer than this; 0 only looks")),
		.completes = "oprequest",
		.run = cmd_opreq_wait,
	},
	{
		.name = "opreq delete",
		.operands = "REQUEST... | --all",
		.summary = "delete the records of what is done or refused",
		.brief = "GUIDs",
		.json = "a list of id",
		.most = MANY,
		.options = OPTIONS(FLAG(OPT_ALL, "all", "of all that are done or refused")),
		.completes = "oprequest",
		.run = cmd_opreq_delete,
	},
	{
		.name = "watch",
		.operands = "",
		.summary = "show what happens, as it happens",
		.details =
			"One line for every change of an object that you may use. Ends with a "
			"signal, or as the options say. When changes come faster than they can be "
			"kept, it says that some are lost. With --kernel, the events of the kernel "
			"module, for root: reservations, robot commands, refused openings, devices "
			"that come and go; needs no database.",
		.brief = "GUIDs of the objects",
		.json = "one object a line: time, operation (update, insert, delete, signal for a "
			"new state, complete, lost), type, name, id; with --kernel: time, "
			"sequence, "
			"event, type, device, kind, address, serial, generation, medium, pid, "
			"command, uid, other_pid, other_command, and what the event is about",
		.options = OPTIONS(
			NAMED(OPT_TYPE, "type", "TYPE", "type",
			      "only objects of this type; may be repeated. Default: all but types "
			      "of devices and media"),
			FLAG(OPT_KERNEL, "kernel", "the events of the kernel module instead"),
			POSITIVE(OPT_COUNT_LINES, "count", "N", "end after so many"),
			TIMEOUT("end after this time; a failure if --count was not reached")),
		.run = cmd_watch,
	},
	{.name = NULL},
};

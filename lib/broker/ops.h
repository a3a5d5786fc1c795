/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ops.h - what a broker has to provide; for the implementations only
 *
 * Each operation is the function of broker.h with the same name, and promises
 * the same. The objects that broker.h hands out begin with the structures below,
 * so that the dispatch in broker.c finds the implementation. The implementation
 * allocates them, fills ->ops, and embeds them as the first member of its own.
 */
#ifndef NTMS_BROKER_OPS_H
#define NTMS_BROKER_OPS_H

#include "broker/broker.h"

struct broker_ops;

struct broker {
	const struct broker_ops *ops;
};

struct broker_lease {
	const struct broker_ops *ops;
	bool not_ready; /* set by who has asked the changer, for broker_was_not_ready() */
};

struct broker_hold {
	const struct broker_ops *ops;
};

struct tape {
	const struct broker_ops *ops;
};

struct broker_ops {
	/* What broker_open's spec begins with: "kernel" or "virtual". */
	const char *scheme;
	/* Does "scheme:ARGUMENT" need its argument? Without, open() gets NULL and none is allowed.
	 */
	bool needs_argument;

	int (*open)(const char *argument, struct broker **brokerp);
	void (*close)(struct broker *broker);
	const char *(*name)(const struct broker *broker);
	int (*devices)(struct broker *broker, struct broker_device **list, size_t *count);
	int (*holders)(struct broker *broker, struct broker_holder **list, size_t *count);
	int (*events_open)(struct broker *broker, int *fd);
	int (*next_event)(struct broker *broker, int fd, struct broker_event *event);

	int (*lease_take)(struct broker *broker, uint32_t changer, struct broker_lease **leasep);
	void (*lease_give)(struct broker_lease *lease);
	int (*assign)(struct broker_lease *lease, uint32_t drive);
	int (*unassign)(struct broker_lease *lease, uint32_t drive);
	/* NULL where libraries tell by themselves. */
	int (*knock)(struct broker *broker, uint32_t changer);
	/* These four are NULL where device nodes do not exist. */
	int (*manage)(struct broker_lease *lease, uint32_t device);
	int (*unmanage)(struct broker *broker, uint32_t device);
	int (*grant)(struct broker_hold *hold, int pid);
	int (*conflicts)(struct broker *broker, struct broker_conflict **list, size_t *count);
	int (*access)(struct broker_lease *lease, bool allow);
	int (*ready)(struct broker_lease *lease);
	int (*elements)(struct broker_lease *lease, enum broker_element_type type, uint16_t first,
			uint16_t count, struct broker_element **list, size_t *found);
	int (*scan)(struct broker_lease *lease);
	int (*move)(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		    uint32_t timeout_ms);

	int (*reserve)(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
		       unsigned int flags, uint64_t generation, struct broker_hold **holdp);
	int (*expect)(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);
	int (*expected)(struct broker *broker, const NTMS_GUID *token);
	int (*transfer)(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);
	int (*mark)(struct broker_hold *hold, bool loaded);
	int (*hold_state)(struct broker_hold *hold, enum broker_hold_state *state,
			  uint64_t *generation);
	int (*hold_fd)(struct broker_hold *hold);
	void (*release)(struct broker_hold *hold);

	int (*drive_open)(struct broker *broker, uint32_t drive, int *pid);
	int (*drive_loaded)(struct broker *broker, uint32_t drive, bool *loaded);
	int (*drive_cleaning)(struct broker *broker, uint32_t drive, bool *needed);
	/* NULL where tape_open and tape_unload are as cheap. */
	int (*drive_unload)(struct broker *broker, uint32_t drive);
	int (*tape_open)(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
			 struct tape **tapep);
	void (*tape_close)(struct tape *tape);
	int (*tape_rewind)(struct tape *tape);
	int (*tape_read)(struct tape *tape, void *buffer, size_t size, size_t *got);
	int (*tape_write_label)(struct tape *tape, const void *block, size_t size);
	int (*tape_unload)(struct tape *tape);
	int (*tape_codes)(struct tape *tape, uint32_t *medium, uint32_t *density);
	/* NULL where it makes no difference. */
	int (*tape_brought)(struct tape *tape, uint32_t density);
	int (*tape_reset_settings)(struct tape *tape);
};

extern const struct broker_ops kernel_broker_ops;
extern const struct broker_ops virtual_broker_ops;

#endif

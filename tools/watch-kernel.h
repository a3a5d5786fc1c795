/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch-kernel.h - rsm watch --kernel: the events of the kernel module
 */
#ifndef RSM_WATCH_KERNEL_H
#define RSM_WATCH_KERNEL_H

#include <linux/rsm.h>
#include "output.h"

/* All there is to say of an event. @device: the one it is about; its id is 0 when it is gone. */
struct json_object *kernel_event_describe(const struct rsm_event *event,
					  const struct rsm_device *device);
/* The same in one line, to be freed. */
char *kernel_event_text(const struct json_object *row);

/* Print events until there is an end to it: @count of them (0: no limit), the time, a signal. */
DWORD watch_kernel(struct rsm *rsm, unsigned long long count, DWORD timeout, int signals,
		   int *signal);

#endif

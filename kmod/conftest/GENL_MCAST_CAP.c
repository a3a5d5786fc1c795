// SPDX-License-Identifier: GPL-2.0-only
/* A multicast group may ask its listeners for a capability. */
#include <net/genetlink.h>

extern const struct genl_multicast_group probe;
const struct genl_multicast_group probe = {.name = "x", .flags = GENL_MCAST_CAP_SYS_ADMIN};

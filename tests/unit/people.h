/* SPDX-License-Identifier: GPL-2.0-only */
/* people.h - what people do at ports and door, and how the operations that wait for them stand */
#ifndef PEOPLE_H
#define PEOPLE_H

#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/port.h"
#include "fixture.h"

/* The only object of a type in the library, or the one with that number. */
static inline struct object numbered(DWORD type, unsigned int number)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, type, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object obj = fx_get(&list[i], type);

		if (obj.device.number == number)
			return obj;
	}
	cr_assert(false, "there is no object of type %u with number %u", type, number);
	return fx_get(&list[0], type);
}

static inline struct object port(unsigned int number)
{
	return numbered(NTMS_IEPORT, number);
}

/* MaxExtendSecs of all ports, MaxOpenSecs of the door: tests that wait for it say 0. */
static inline void set_limit(DWORD type, uint32_t seconds)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, type, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object obj = fx_get(&list[i], type);

		obj.device.limit_s = seconds;
		fx_put(&obj);
	}
}

/* How the request stands; fields of it. */
static inline struct obj_librequest request_now(const NTMS_GUID *guid)
{
	return fx_get(guid, NTMS_LIBREQUEST).librequest;
}

/* For fx_wait_until(): the operation that is watched, and the port. */
static NTMS_GUID watched;

static inline bool is_over(void)
{
	DWORD state = request_now(&watched).state;

	return state != NTMS_LM_QUEUED && state != NTMS_LM_INPROCESS && state != NTMS_LM_WAITING;
}

static inline bool is_open(void)
{
	struct obj_librequest request = request_now(&watched);

	cr_assert(!is_over(), "it is over: state %u, %s", request.state, request.waits_for);
	return request.phase & PHASE_OPEN && strstr(request.waits_for, "person");
}

static inline bool is_waiting(void)
{
	return request_now(&watched).state == NTMS_LM_WAITING;
}

static inline void wait_open(const NTMS_GUID *guid)
{
	watched = *guid;
	fx_wait_until(is_open);
}

static inline void wait_over(const NTMS_GUID *guid, DWORD state, DWORD error)
{
	struct obj_librequest request;

	watched = *guid;
	fx_wait_until(is_over);
	request = request_now(guid);
	cr_assert_eq(request.state, state, "its state is %u, not %u: %s", request.state, state,
		     request.waits_for);
	cr_assert_eq(request.error, error, "its error is %s, not %s: %s",
		     RsmErrorName(request.error), RsmErrorName(error), request.waits_for);
}

static inline bool is_locked(void)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_IEPORT, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_IEPORT).device.position != NTMS_PORTPOSITION_RETRACTED)
			return false;
	return true;
}

/* By the records, and really. */
static inline void expect_locked(void)
{
	fx_wait_until(is_locked);
	cr_assert_eq(fx_put_in(RSM_VIRTUAL_PORT, 1, "LOCKED01"), ERROR_BUSY);
}

/* Open operator requests about @guid. */
static inline size_t asked_about(const NTMS_GUID *guid)
{
	NTMS_GUID list[32];
	DWORD count = 32;
	size_t found = 0;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object request = fx_get(&list[i], NTMS_OPREQUEST);

		found += guid_equal(&request.oprequest.arg1, guid) &&
			 request.oprequest.state == NTMS_OPSTATE_SUBMITTED;
	}
	return found;
}

/* The cartridge is in a port, by the records and really. */
static inline void expect_in_port(const char *barcode, unsigned int number)
{
	NTMS_GUID guid = fx_find(barcode, NTMS_PHYSICAL_MEDIA);
	struct object media = fx_get(&guid, NTMS_PHYSICAL_MEDIA), place = port(number);

	cr_assert_eq(media.media.location_type, NTMS_IEPORT, "%s is in no port", barcode);
	cr_assert(guid_equal(&media.media.location, &place.guid));
	cr_assert_eq(place.device.state, NTMS_PORTCONTENT_FULL);
	cr_assert_eq(fx_where(barcode), place.device.element);
}

static inline bool is_offline(const NTMS_GUID *media)
{
	struct object obj = fx_get(media, NTMS_PHYSICAL_MEDIA);

	return fx_get(&obj.media.library, NTMS_LIBRARY).library.kind == NTMS_LIBRARYTYPE_OFFLINE;
}

static inline void take_out(unsigned int number)
{
	must(fx_take_out(RSM_VIRTUAL_PORT, number));
}

static inline void put_in(unsigned int number, const char *barcode)
{
	must(fx_put_in(RSM_VIRTUAL_PORT, number, barcode));
}

#endif

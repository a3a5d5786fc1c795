/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <unistd.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/access.h"
#include "core/media_type.h"
#include "core/states.h"

/* Three days, as Windows has it. */
#define PURGE_AFTER_S 259200

DWORD computer_get(struct txn *txn, struct object *computer)
{
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_COMPUTER);
	code = store_find(txn, IX_TYPE, &key, &guid);
	if (code)
		return code;
	return store_get(txn, &guid, NTMS_COMPUTER, computer);
}

static DWORD make_computer(struct txn *txn, const struct obj_security *security,
			   struct object *computer)
{
	char host[NTMS_COMPUTERNAME_LENGTH] = "";

	machine_object(computer, NTMS_COMPUTER);
	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	snprintf(computer->name, sizeof(computer->name), "%s", host[0] ? host : "localhost");
	computer->computer.librequest_purge_s = PURGE_AFTER_S;
	computer->computer.oprequest_purge_s = PURGE_AFTER_S;
	computer->computer.next_sequence_number = 1;
	computer->computer.security = *security;
	guid_make(&computer->computer.root_pool);
	guid_make(&computer->computer.offline_library);
	return store_insert(txn, computer);
}

static DWORD make_offline_library(struct txn *txn, const struct obj_security *security,
				  const NTMS_GUID *guid)
{
	struct object library;
	DWORD code;

	machine_object(&library, NTMS_LIBRARY);
	code = machine_start(&machine_library, &library, NTMS_READY);
	if (code)
		return code;
	library.guid = *guid;
	snprintf(library.name, sizeof(library.name), "Offline Media");
	library.library.kind = NTMS_LIBRARYTYPE_OFFLINE;
	library.library.flags = NTMS_LIBRARYFLAG_FIXEDOFFLINE;
	library.library.security = *security;
	return store_insert(txn, &library);
}

static DWORD make_pools(struct txn *txn, const struct obj_security *security, const NTMS_GUID *root)
{
	static const struct {
		const char *name;
		uint32_t kind;
	} top[] = {
		{POOL_NAME_FREE, NTMS_POOLTYPE_SCRATCH},
		{POOL_NAME_UNRECOGNIZED, NTMS_POOLTYPE_FOREIGN},
		{POOL_NAME_IMPORT, NTMS_POOLTYPE_IMPORT},
	};
	struct object pool;
	DWORD code;

	machine_object(&pool, NTMS_MEDIA_POOL);
	pool.guid = *root;
	snprintf(pool.name, sizeof(pool.name), "Root");
	pool.pool.security = *security;
	code = store_insert(txn, &pool);
	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]) && !code; i++)
		code = pool_insert(txn, top[i].name, top[i].kind, root, NULL, security, &pool);
	return code;
}

DWORD bootstrap(struct txn *txn)
{
	struct obj_security security;
	struct object computer;
	DWORD code = computer_get(txn, &computer);

	/* All of it was made in one transaction, or nothing. */
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	/* Who makes a database of his own is the administrator of it. */
	access_system(&security, geteuid());
	code = make_computer(txn, &security, &computer);
	if (!code)
		code = make_offline_library(txn, &security, &computer.computer.offline_library);
	if (!code)
		code = make_pools(txn, &security, &computer.computer.root_pool);
	if (!code)
		code = media_type_make_all(txn);
	return code;
}

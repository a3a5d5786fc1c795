/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * object.h - the records of the database, as the rest of libntms sees them
 *
 * One struct object for every NTMS object: a header common to all and a part by
 * type. Text is UTF-8. What can be counted or looked up through an index is not
 * stored (numbers of drives, media in a pool, ...).
 */
#ifndef NTMS_STORE_OBJECT_H
#define NTMS_STORE_OBJECT_H

#include <stdint.h>
#include "ntms/ntmsapi.h"

/* NTMS counts UTF-16 units; one of them takes at most three bytes of UTF-8. */
#define OBJ_NAME_SIZE	     (NTMS_OBJECTNAME_LENGTH * 3)
#define OBJ_DESCRIPTION_SIZE (NTMS_DESCRIPTION_LENGTH * 3)
#define OBJ_LABEL_INFO_SIZE  (NTMS_OMIDLABELINFO_LENGTH * 3)
#define OBJ_MESSAGE_SIZE     (NTMS_MESSAGE_LENGTH * 3)
#define OBJ_SD_MAX	     1024

/* A self-relative security descriptor; length 0 means none. */
struct obj_security {
	uint32_t length;
	uint8_t bytes[OBJ_SD_MAX];
};

struct obj_computer {
	uint32_t librequest_purge_s;
	uint32_t oprequest_purge_s;
	uint32_t librequest_flags;
	uint32_t oprequest_flags;
	uint32_t pool_policy;
	NTMS_GUID root_pool;	       /* Parent of the top-level pools */
	NTMS_GUID offline_library;     /* where cartridges are that are nowhere else */
	uint64_t next_sequence_number; /* of cartridges (szSequenceNumber) */
	struct obj_security security;
};

struct obj_library {
	uint32_t kind; /* NtmsLibraryType */
	uint32_t inventory_method;
	uint32_t auto_recovery;
	uint32_t flags;
	NTMS_GUID cleaner_slot;
	NTMS_GUID cleaner_slot_default;
	uint32_t cleaner_uses;
	uint32_t supports_cleaning;
	uint32_t barcode_reader;
	char broker[256]; /* which broker it belongs to: "kernel" or "virtual:/real/path" */
	char serial[64];  /* of the changer; identifies the library */
	struct obj_security security;
};

/* A changer, drive, slot, port or door: what has a place in a library. */
struct obj_device {
	NTMS_GUID library;
	uint32_t number;   /* counted from 0 within its kind */
	uint32_t element;  /* SCSI element address; UINT32_MAX when it has none */
	uint32_t state;	   /* NtmsDriveState, NtmsSlotState, NtmsDoorState; port: NtmsPortContent */
	uint32_t position; /* port: NtmsPortPosition */
	NTMS_GUID device_type; /* drive type or changer type object */
	char serial[64];
	char revision[16];
	char node[64]; /* /dev/nst0: what a caller may open */
	uint32_t scsi_host, scsi_channel, scsi_target, scsi_lun;
	uint32_t mount_count;
	uint64_t last_cleaned_ms;
	NTMS_GUID side; /* drive: SavedPartitionId, the side inside */
	uint32_t defer_delay_s;
	uint64_t deferred_since_ms; /* drive DISMOUNTABLE: since when */
	uint32_t limit_s;	    /* door: MaxOpenSecs, port: MaxExtendSecs */
	/* drive LOADED: for whom. Information for people; the broker is the judge. */
	NTMS_GUID mount_request;
	uint64_t generation;
};

struct obj_device_type {
	char vendor[NTMS_VENDORNAME_LENGTH];
	char product[NTMS_PRODUCTNAME_LENGTH];
	uint32_t device_type; /* FILE_DEVICE_* */
};

struct obj_pool {
	uint32_t kind; /* NtmsPoolType */
	NTMS_GUID media_type;
	NTMS_GUID parent; /* the root pool's is null */
	uint32_t allocation_policy;
	uint32_t deallocation_policy;
	uint32_t max_allocates;
	struct obj_security security;
};

struct obj_media_type {
	uint32_t code; /* section 4.2: STORAGE_MEDIA_TYPE */
	uint32_t sides;
	uint32_t rw;	      /* NtmsReadWriteCharacteristics */
	uint32_t device_type; /* FILE_DEVICE_* */
};

/* Media a library has a relation with: an object of its own, without a public type. */
#define OBJ_TYPE_RELATION 100

struct obj_relation {
	NTMS_GUID library;
	NTMS_GUID media_type;
};

/* Private data that applications keep with an object: as many records as it takes, in order. */
#define OBJ_TYPE_ATTRIBUTE     101
#define OBJ_ATTRIBUTE_PART_MAX 1024

struct obj_attribute {
	NTMS_GUID owner;
	char name[NTMS_MAXATTR_NAMELEN * 3];
	uint32_t part; /* counted from 0; all but the last are full */
	uint32_t length;
	uint8_t bytes[OBJ_ATTRIBUTE_PART_MAX];
};

struct obj_media {
	NTMS_GUID library; /* CurrentLibrary */
	NTMS_GUID pool;
	NTMS_GUID media_type;
	NTMS_GUID location; /* slot, drive or port; null when offline or on the way */
	uint32_t location_type;
	NTMS_GUID home_slot;
	char barcode[NTMS_BARCODE_LENGTH]; /* as reported, trailing blanks removed */
	uint32_t barcode_state;
	char sequence[NTMS_SEQUENCE_LENGTH];
	uint32_t state; /* NtmsMediaState */
	uint32_t sides;
	uint32_t medium_code;
	uint32_t density_code;
	NTMS_GUID mounted_side;
	/* Two-sided: a person brought it the other way round, so that side 1 faces the heads
	 * while its library says that it is not inverted. */
	uint32_t turned;
};

struct obj_side {
	NTMS_GUID media;
	NTMS_GUID logical; /* null unless allocated */
	NTMS_GUID pool;	   /* copy of the cartridge's, for the index of available sides */
	uint32_t state;	   /* NtmsPartitionState */
	uint32_t side;	   /* 0 or 1 */
	uint32_t usable;   /* copy: cartridge enabled and in an enabled library that is present */
	uint32_t label_id_length;
	uint8_t label_id[NTMS_OMIDLABELID_LENGTH];
	char label_type[NTMS_OMIDLABELTYPE_LENGTH * 3];
	char label_info[OBJ_LABEL_INFO_SIZE];
	uint32_t mount_count;
	uint32_t allocate_count;
	uint64_t capacity;
};

struct obj_logical {
	NTMS_GUID side;
	NTMS_GUID pool;
	uint32_t allocated_new; /* made by NTMS_ALLOCATE_NEW or NEXT: its siblings are reserved */
};

/* How far a robot move of a request has come. */
enum obj_move {
	OBJ_MOVE_NONE = 0,
	OBJ_MOVE_INTENDED = 1, /* durable before the robot is told; settled against the library */
};

struct obj_librequest {
	uint32_t operation; /* NtmsLmOperation */
	uint32_t option;
	uint32_t state; /* NtmsLmState */
	NTMS_GUID side;
	NTMS_GUID drive;
	NTMS_GUID media;
	NTMS_GUID library;
	NTMS_GUID slot;
	NTMS_GUID work_item;
	NTMS_GUID token; /* mount: by which the reservation is handed to the caller */
	NTMS_GUID group; /* mount of several media: same in all of them; identification: for
			    which inventory */
	uint64_t queued_ms;
	uint64_t completed_ms;
	uint64_t deadline_ms; /* Unix time at which it is given up, 0 for never */
	uint32_t error;
	int32_t priority;
	uint32_t order;		/* of mounts: 1 is next; 0 for no ordering */
	uint32_t mount_options; /* of a mount or a dismount, which the option does not tell */
	char application[NTMS_APPLICATIONNAME_LENGTH * 3];
	char user[NTMS_USERNAME_LENGTH * 3];
	char computer[NTMS_COMPUTERNAME_LENGTH * 3];
	uint32_t pid;	     /* of the caller, for people */
	char waits_for[160]; /* what it is doing or who is waited for, for people */
	/* The open intent, valid while move == OBJ_MOVE_INTENDED. */
	uint32_t move;
	NTMS_GUID move_media;
	NTMS_GUID move_from; /* slot, port or drive object */
	NTMS_GUID move_to;
	uint32_t phase; /* of work with people: how far it has come (core/port.h) */
	uint32_t uses;	/* of a cleaner that is brought in: how often it can be used */
};

struct obj_oprequest {
	uint32_t command; /* NtmsOpreqCommand */
	uint32_t state;	  /* NtmsOpreqState */
	uint64_t submitted_ms;
	char message[OBJ_MESSAGE_SIZE];
	uint32_t arg1_type;
	NTMS_GUID arg1;
	uint32_t arg2_type;
	NTMS_GUID arg2;
	char application[NTMS_APPLICATIONNAME_LENGTH * 3];
	char user[NTMS_USERNAME_LENGTH * 3];
	char computer[NTMS_COMPUTERNAME_LENGTH * 3];
};

/* A computer that messages to people go to (SetNtmsUIOptions); deleted with its owner. */
struct obj_destination {
	NTMS_GUID owner; /* library or computer; operator request: where its submitter wanted it */
	uint32_t owner_type; /* NTMS_LIBRARY, NTMS_COMPUTER, NTMS_OPREQUEST */
	uint32_t ui_type;    /* NtmsUITypes */
	char computer[NTMS_COMPUTERNAME_LENGTH * 3];
};

struct object {
	NTMS_GUID guid;
	uint32_t type;	     /* NtmsObjectsTypes, OBJ_TYPE_RELATION or OBJ_TYPE_ATTRIBUTE */
	uint64_t seq;	     /* order of creation, given by the store */
	uint64_t created_ms; /* Unix time, UTC, set by the store */
	uint64_t modified_ms;
	uint32_t enabled;
	uint32_t opstate; /* NtmsOperationalState */
	char name[OBJ_NAME_SIZE];
	char description[OBJ_DESCRIPTION_SIZE];
	union {
		struct obj_computer computer; /* NTMS_COMPUTER */
		struct obj_library library;   /* NTMS_LIBRARY */
		struct obj_device device;     /* CHANGER, DRIVE, STORAGESLOT, IEPORT, IEDOOR */
		struct obj_device_type device_type; /* DRIVE_TYPE, CHANGER_TYPE */
		struct obj_pool pool;		    /* NTMS_MEDIA_POOL */
		struct obj_media_type media_type;   /* NTMS_MEDIA_TYPE */
		struct obj_relation relation;	    /* OBJ_TYPE_RELATION */
		struct obj_attribute attribute;	    /* OBJ_TYPE_ATTRIBUTE */
		struct obj_media media;		    /* NTMS_PHYSICAL_MEDIA */
		struct obj_side side;		    /* NTMS_PARTITION */
		struct obj_logical logical;	    /* NTMS_LOGICAL_MEDIA */
		struct obj_librequest librequest;   /* NTMS_LIBREQUEST */
		struct obj_oprequest oprequest;	    /* NTMS_OPREQUEST */
		struct obj_destination destination; /* NTMS_UI_DESTINATION */
	};
};

/*
 * object_holder - whose security descriptor decides on @obj
 * Returns NTMS_LIBRARY or NTMS_MEDIA_POOL and sets *@guid (for these two to themselves), or
 * NTMS_COMPUTER and the null GUID.
 */
uint32_t object_holder(const struct object *obj, NTMS_GUID *guid);

#endif

/* Numbers with units and addresses, between text and value. Sizes, durations and rates are exact. */
#ifndef PHX_LANG_NUMBER_H
#define PHX_LANG_NUMBER_H

#include "lang/value.h"

typedef enum NumberStatus {
    NUMBER_OK,
    NUMBER_MALFORMED,
    NUMBER_OUT_OF_RANGE,    /* does not fit 63 bits */
    NUMBER_NO_UNIT,         /* `16M`, `16G`: KiB/MiB or KB/MB? */
    NUMBER_UNKNOWN_UNIT,
    NUMBER_FRACTION         /* `1.4TiB`: no whole number of bytes; below/above are the neighbours */
} NumberStatus;

typedef struct Number {
    NumberStatus status;
    ValueKind kind;         /* INT FLOAT SIZE DURATION PERCENT RATE */
    int64_t integer;
    double number;
    int64_t below, above;   /* of NUMBER_FRACTION */
} Number;

/* A literal of the language: digits with '_' between them, a decimal part, a unit; also with a sign, and without a unit
   with an exponent (`1e300`), so that whatever is printed here can be read. A leading zero is malformed: 0644 would not
   mean what it means elsewhere. */
Number number_parse(Str text);
/* The units of sizes, which those of rates begin with, and of durations, by number from 0; NULL behind the last. */
const char *number_size_unit(size_t number);
const char *number_duration_unit(size_t number);

/* How sizes are written to and by Unix programs: `16G`, `1.4T`, `128K`, `1126M`, `512`, with powers of 1024, a decimal part and an
   optional final `B` or `iB`. A fraction of a byte is cut off, as ZFS does; *exact tells. 0 where it is no size. */
int size_parse_host(Str text, int64_t *bytes, int *exact);
/* The largest of T G M K that divides: `16G`, `1126M`, `1000`. */
void size_print_host(int64_t bytes, Text *out);

/* As phx writes them: `1536MiB`, `2m`, `80%`, `10MB/s`: the largest unit that leaves a whole number. */
void size_print(int64_t bytes, Text *out);
void duration_print(int64_t milliseconds, Text *out);
/* The shortest decimal that reads back as the same double; never with an exponent below 1e15. */
void double_print(double number, Text *out);

/* IPv4 and IPv6, network lengths, MACs (any case, ':' between). 0 where malformed. */
int ip_parse(Str text, Address *address);
int cidr_parse(Str text, Address *address);
int mac_parse(Str text, int64_t *mac);
/* Dotted, or the RFC 5952 form; [with_prefix]: "/24". */
void address_print(const Address *address, int with_prefix, Text *out);
void mac_print(int64_t mac, Text *out);      /* upper case */
/* Is the address inside the network (its host bits are ignored)? */
int address_in(const Address *address, const Address *network);
/* The address so many behind it, or before it; 0 where there is none, the address is then anything. */
int address_add(Address *address, int64_t number);
/* The network of a cidr: host bits zeroed. */
Address address_network(const Address *cidr);

#endif

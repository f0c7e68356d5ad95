/* Bytes to digests: the one file that knows libcrypto. */
/* The plain functions, which OpenSSL calls deprecated since it has EVP. That reads the library's configuration at its first use and looks up
   the algorithm by its name at each, which takes longer than to plan a small site. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stdlib.h>

#include "compiler/hash.h"

struct Hasher {
    SHA256_CTX context;
};

static Str hash_hex(Arena *arena, const unsigned char *digest, size_t length) {
    static const char digits[] = "0123456789abcdef";
    char *text = arena_text(arena, 2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[2 * length] = '\0';
    return (Str){text, 2 * length};
}

Str hash_sha1(Arena *arena, Str bytes) {
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes.text, bytes.length);
    SHA1_Final(digest, &context);
    return hash_hex(arena, digest, sizeof digest);
}

Str hash_sha256(Arena *arena, Str bytes) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes.text, bytes.length);
    SHA256_Final(digest, &context);
    return hash_hex(arena, digest, sizeof digest);
}

Str hash_sha512(Arena *arena, Str bytes) {
    unsigned char digest[SHA512_DIGEST_LENGTH];
    SHA512_CTX context;
    SHA512_Init(&context);
    SHA512_Update(&context, bytes.text, bytes.length);
    SHA512_Final(digest, &context);
    return hash_hex(arena, digest, sizeof digest);
}

Hasher *hasher_open(void) {
    Hasher *hasher = malloc(sizeof *hasher);
    if (!hasher)
        memory_exhausted();
    SHA256_Init(&hasher->context);
    return hasher;
}

void hasher_add(Hasher *hasher, Str bytes) {
    SHA256_Update(&hasher->context, bytes.text, bytes.length);
}

Str hasher_close(Hasher *hasher, Arena *arena) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_Final(digest, &hasher->context);
    free(hasher);
    return hash_hex(arena, digest, sizeof digest);
}

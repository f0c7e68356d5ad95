/* Bytes to digests: the one file that knows libcrypto. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "compiler/hash.h"

struct Hasher {
    EVP_MD_CTX *context;
};

/* With algorithms that every libcrypto has, it fails only when there is no memory. */
static void hash_require(int ok) {
    if (!ok)
        memory_exhausted();
}

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

static Str hash_whole(Arena *arena, Str bytes, const EVP_MD *algorithm) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    hash_require(EVP_Digest(bytes.text, bytes.length, digest, &length, algorithm, NULL) == 1);
    return hash_hex(arena, digest, length);
}

Str hash_sha1(Arena *arena, Str bytes) {
    return hash_whole(arena, bytes, EVP_sha1());
}

Str hash_sha256(Arena *arena, Str bytes) {
    return hash_whole(arena, bytes, EVP_sha256());
}

Str hash_sha512(Arena *arena, Str bytes) {
    return hash_whole(arena, bytes, EVP_sha512());
}

Hasher *hasher_open(void) {
    Hasher *hasher = malloc(sizeof *hasher);
    hash_require(hasher != NULL);
    hasher->context = EVP_MD_CTX_new();
    hash_require(hasher->context && EVP_DigestInit_ex(hasher->context, EVP_sha256(), NULL) == 1);
    return hasher;
}

void hasher_add(Hasher *hasher, Str bytes) {
    hash_require(EVP_DigestUpdate(hasher->context, bytes.text, bytes.length) == 1);
}

Str hasher_close(Hasher *hasher, Arena *arena) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    hash_require(EVP_DigestFinal_ex(hasher->context, digest, &length) == 1);
    EVP_MD_CTX_free(hasher->context);
    free(hasher);
    return hash_hex(arena, digest, length);
}

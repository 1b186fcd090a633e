"""Compressed bodies for tests. gzip and zlib are Python's; brotli and zstd streams are made by hand, because neither
comes with Python: stored (uncompressed) for real bodies, run-length for bombs."""
import gzip
import io
import struct
import zlib

GIB = 1 << 30


def compress(encoding, body):
    if encoding == "gzip":
        return gzip.compress(body)
    if encoding == "deflate":
        return zlib.compress(body)
    if encoding == "raw":
        return _raw(body)
    if encoding == "zstd":  # RFC 8878: magic, single segment with 4-byte content size, one raw block
        return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(body)) + _zstd_block(len(body), 0, last=True) + body
    return _brotli_stored(body)


def bomb(encoding):
    if encoding in ("gzip", "deflate", "raw"):
        return _deflated_zeros(encoding)
    if encoding == "zstd":  # run-length blocks of 128 KiB: four bytes each
        count = GIB // (128 << 10)
        blocks = b"".join(_zstd_block(128 << 10, 1, last=i == count - 1) + b"a" for i in range(count))
        return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", GIB) + blocks
    return _brotli_bomb()


def _raw(body):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(body) + squeeze.flush()


def _deflated_zeros(encoding):
    bits = {"gzip": 31, "deflate": 15, "raw": -15}[encoding]
    squeeze = zlib.compressobj(9, zlib.DEFLATED, bits)
    out = io.BytesIO()
    chunk = b" " * (1 << 20)
    for _ in range(GIB >> 20):
        out.write(squeeze.compress(chunk))
    out.write(squeeze.flush())
    return out.getvalue()


def _zstd_block(size, kind, last):
    return struct.pack("<I", (size << 3) | (kind << 1) | int(last))[:3]


class _Bits:
    def __init__(self):
        self.value = self.count = 0

    def put(self, value, bits):
        self.value |= value << self.count
        self.count += bits

    def align(self):
        self.count = (self.count + 7) // 8 * 8

    def bytes(self):
        return self.value.to_bytes((self.count + 7) // 8, "little")


def _brotli_stored(body):
    """RFC 7932: window bits 16 ("0"), uncompressed meta-blocks of up to 64 KiB, then the empty last one."""
    out = b""
    bits = _Bits()
    bits.put(0, 1)
    for at in range(0, len(body), 1 << 16):
        part = body[at:at + (1 << 16)]
        bits.put(0, 1)               # ISLAST
        bits.put(0, 2)               # four nibbles
        bits.put(len(part) - 1, 16)  # MLEN - 1
        bits.put(1, 1)               # ISUNCOMPRESSED
        out += bits.bytes() + part
        bits = _Bits()
    bits.put(3, 2)                   # ISLAST, ISLASTEMPTY
    return out + bits.bytes()


def _brotli_bomb():
    """Many meta-blocks of 16 MiB, each one literal and one copy of the rest at distance 1."""
    bits = _Bits()
    bits.put(0, 1)                       # window of 64 KiB
    size = 1 << 24
    for i in range(GIB // size):
        bits.put(0, 1)                   # not last
        bits.put(2, 2)                   # six nibbles
        bits.put(size - 1, 24)
        bits.put(0, 1)                   # compressed
        bits.put(0, 1)                   # one literal block type
        bits.put(0, 1)                   # one insert-and-copy block type
        bits.put(0, 1)                   # one distance block type
        bits.put(0, 2)                   # NPOSTFIX
        bits.put(0, 4)                   # NDIRECT
        bits.put(0, 2)                   # literal context mode
        bits.put(0, 1)                   # one literal tree
        bits.put(0, 1)                   # one distance tree
        _simple_prefix(bits, ord("a"), 8)    # literals: always "a"
        # insert length 1 (code 1), copy length code 23 (2118 and 24 extra bits): cell for insert 0-7, copy 16-23
        _simple_prefix(bits, _insert_copy_symbol(1, 23), 10)
        _simple_prefix(bits, 16, 6)      # distance symbol 16: distances 1 and 2, one extra bit
        bits.put(size - 1 - 2118, 24)    # copy length extra bits
        bits.put(0, 1)                   # distance 1
    bits.put(3, 2)
    return bits.bytes()


def _simple_prefix(bits, symbol, width):
    bits.put(1, 2)       # simple
    bits.put(0, 2)       # one symbol
    bits.put(symbol, width)


def _insert_copy_symbol(insert, copy):
    """RFC 7932 section 5, for insert codes 0-7 and copy codes 16-23: cell 384 of the table."""
    return 384 + ((insert & 7) << 3) + (copy & 7)

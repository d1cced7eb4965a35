"""The hashes of libvig/primitives.py in native code."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from libvig import aes, siphash
from libvig.native_call import has_aes
from libvig.native_operation import OWN, native_operation
from libvig.primitives import keyed_hash, multiply_fold

_WORD = ir.IntType(64)
_63_BITS = _WORD(2**63 - 1)


@native_operation(multiply_fold, types.int64, types.int64, types.int64)
def _multiply_fold(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    wide = ir.IntType(128)
    product = builder.mul(*(builder.zext(factor, wide) for factor in args))
    high = builder.trunc(builder.lshr(product, wide(64)), _WORD)
    return builder.and_(builder.xor(builder.trunc(product, _WORD), high), _63_BITS)


# ---------------------------------------------------------------- SipHash


def _rotated(builder: Any, value: Any, by: int) -> Any:
    return builder.or_(builder.shl(value, _WORD(by)), builder.lshr(value, _WORD(64 - by)))


def _siphash_round(builder: Any, v: list[Any]) -> None:
    for a, b, by, turns in siphash.STEPS:
        v[a] = builder.add(v[a], v[b])
        v[b] = builder.xor(_rotated(builder, v[b], by), v[a])
        if turns:
            v[a] = _rotated(builder, v[a], 32)


def _siphash(builder: Any, words: list[Any], key: list[Any]) -> Any:
    v = [builder.xor(_WORD(b), k) for b, k in zip(siphash.BEGIN, (*key, *key), strict=True)]
    for word in (*words, _WORD(siphash.LENGTH)):
        v[3] = builder.xor(v[3], word)
        _siphash_round(builder, v)
        v[0] = builder.xor(v[0], word)
    v[2] = builder.xor(v[2], _WORD(siphash.END))
    for _ in range(siphash.END_ROUNDS):
        _siphash_round(builder, v)
    return builder.xor(builder.xor(v[0], v[1]), builder.xor(v[2], v[3]))


# ---------------------------------------------------------------- AES-128

_BYTE, _COLUMN = ir.IntType(8), ir.IntType(32)
_INDEX = ir.IntType(32)
_BLOCK, _COLUMNS = ir.VectorType(_WORD, 2), ir.VectorType(_COLUMN, 4)
_ROUND_KEYS = ir.ArrayType(_WORD, 2 * (aes.ROUNDS + 1))


def _aes(builder: Any, words: list[Any], key: list[Any]) -> Any:
    """The lower word of the block that AES makes of two words.

    The round keys of the key that was used last are kept, in all native code that is linked into
    one piece: it is almost always the same. They begin with the key itself. One thread at a time.
    """
    kept = _kept_round_keys(builder.module)
    known = [builder.load(_word_at(builder, kept, word)) for word in range(2)]
    same = [builder.icmp_unsigned("==", *pair) for pair in zip(known, key, strict=True)]
    with builder.if_then(builder.not_(builder.and_(*same)), likely=False):
        builder.call(_key_expansion(builder.module), [kept, *key])
    keys = [builder.load(_round_key_at(builder, kept, i), align=16) for i in range(aes.ROUNDS + 1)]
    state = builder.xor(_block(builder, words), keys[0])
    for added in keys[1:-1]:
        state = _instruction(builder, "aesenc", [state, added])
    return builder.extract_element(
        _instruction(builder, "aesenclast", [state, keys[-1]]), _INDEX(0)
    )


def _kept_round_keys(module: Any) -> Any:
    name = OWN + "round_keys"
    if name not in module.globals:
        kept = ir.GlobalVariable(module, _ROUND_KEYS, name)
        words = [key >> bits & 2**64 - 1 for key in aes.key_expansion(0) for bits in (0, 64)]
        kept.linkage, kept.initializer, kept.align = "linkonce_odr", _ROUND_KEYS(words), 16
    return module.globals[name]


def _key_expansion(module: Any) -> Any:
    """A function that stores the round keys of a key: FIPS 197, section 5.2."""
    name = OWN + "expand_key"
    if name in module.globals:
        return module.globals[name]
    kind = ir.FunctionType(ir.VoidType(), [_ROUND_KEYS.as_pointer(), _WORD, _WORD])
    function = ir.Function(module, kind, name)
    function.linkage = "linkonce_odr"
    function.attributes.add("noinline")
    function.attributes.add("cold")
    builder = ir.IRBuilder(function.append_basic_block())
    place, *words = function.args
    key = _block(builder, words)
    builder.store(key, _round_key_at(builder, place, 0), align=16)
    rcon = 1
    for number in range(1, aes.ROUNDS + 1):
        made = _instruction(builder, "aeskeygenassist", [key, _BYTE(rcon)])
        columns, made = (builder.bitcast(block, _COLUMNS) for block in (key, made))
        shifted = columns
        for _ in range(3):  # each column is added to those behind it
            shifted = _shuffled(builder, _COLUMNS(None), shifted, [0, 4, 5, 6])
            columns = builder.xor(columns, shifted)
        columns = builder.xor(columns, _shuffled(builder, made, made, [3, 3, 3, 3]))
        key = builder.bitcast(columns, _BLOCK)
        builder.store(key, _round_key_at(builder, place, number), align=16)
        rcon = aes.xtime(rcon)
    builder.ret_void()
    return function


def _block(builder: Any, words: list[Any]) -> Any:
    block = _BLOCK(None)
    for number, word in enumerate(words):
        block = builder.insert_element(block, word, _INDEX(number))
    return block


def _word_at(builder: Any, keys: Any, number: int) -> Any:
    return builder.gep(keys, [_INDEX(0), _INDEX(number)], inbounds=True)


def _round_key_at(builder: Any, keys: Any, number: int) -> Any:
    return builder.bitcast(_word_at(builder, keys, 2 * number), _BLOCK.as_pointer())


def _shuffled(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_COLUMN, len(lanes)), lanes))


def _instruction(builder: Any, name: str, operands: list[Any]) -> Any:
    kind = ir.FunctionType(_BLOCK, [operand.type for operand in operands])
    insert: Any = cgutils.get_or_insert_function
    return builder.call(insert(builder.module, kind, f"llvm.x86.aesni.{name}"), operands)


# ---------------------------------------------------------------- either


@native_operation(keyed_hash, types.int64, *[types.int64] * 4)
def _keyed_hash(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    hash = (_aes if has_aes() else _siphash)(builder, args[:2], args[2:])
    return builder.and_(hash, _63_BITS)

"""llama2.c (github.com/karpathy/llama2.c) once more, in plain numpy after its run.c: what a converted
model has to agree with, and files of its format with random weights."""

from __future__ import annotations

import struct

import numpy as np

SCORES = {
    " a": -1.0,
    "th": -2.0,
    " th": -3.0,
    " the": -4.0,
    "at": -5.0,
    "cat": -6.0,
    " cat": -7.0,
    "he": -8.0,
}
LETTERS = " abcdefghijklmnopqrstuvwxyz.,"


def pieces():
    """A vocabulary: three marks, the bytes, what pairs merge to, and letters."""
    marks = [("<unk>", 0.0), ("\n<s>\n", 0.0), ("\n</s>\n", 0.0)]
    raw = [(f"<0x{byte:02X}>", 0.0) for byte in range(256)]
    letters = [(letter, -100.0 - i) for i, letter in enumerate(LETTERS)]
    return [*marks, *raw, *SCORES.items(), *letters]


def write_vocabulary(path, vocabulary):
    content = struct.pack("<i", max(len(text.encode()) for text, _ in vocabulary))
    for text, score in vocabulary:
        content += struct.pack("<fi", score, len(text.encode())) + text.encode()
    path.write_bytes(content)


def read_vocabulary(path, count):
    content, at, found = path.read_bytes(), 4, []
    for _ in range(count):
        score, length = struct.unpack_from("<fi", content, at)
        found.append((content[at + 8 : at + 8 + length].decode(), score))
        at += 8 + length
    return found


class Weights:
    """The tensors, in the order of the file."""

    def __init__(self, header, numbers):
        self.dim, self.hidden, self.layers, self.heads, self.key_heads, size, self.reads = header
        self.head = self.dim // self.heads
        n, d, h, k = self.layers, self.dim, self.hidden, self.key_heads * self.head
        at = 0

        def take(*shape):
            nonlocal at
            count = int(np.prod(shape))
            at += count
            return numbers[at - count : at].reshape(shape)

        self.embedding = take(abs(size), d)
        self.norm_attention, self.q = take(n, d), take(n, d, d)
        self.k, self.v, self.o = take(n, k, d), take(n, k, d), take(n, d, d)
        self.norm_forward, self.gate = take(n, d), take(n, h, d)
        self.down, self.up, self.norm = take(n, d, h), take(n, h, d), take(d)
        take(self.reads, self.head)
        self.output = self.embedding if size > 0 else take(abs(size), d)
        assert at == len(numbers)


def write_weights(
    path, *, shared, size, dim=24, hidden=40, layers=2, heads=6, key_heads=2, reads=32
):
    header = (dim, hidden, layers, heads, key_heads, size if shared else -size, reads)
    head = dim // heads
    k = key_heads * head
    count = size * dim * (1 if shared else 2) + dim + reads * head
    count += layers * (2 * dim + 2 * dim * dim + 2 * k * dim + 3 * dim * hidden)
    numbers = np.random.default_rng(7).normal(0, 0.4, count).astype("<f4")
    path.write_bytes(struct.pack("<7i", *header) + numbers.tobytes())


def read_weights(path):
    content = path.read_bytes()
    return Weights(struct.unpack("<7i", content[:28]), np.frombuffer(content[28:], "<f4"))


def logits(w, tokens):
    """What follows each of the tokens, after `forward` of run.c: one position after the other."""
    keys = [[] for _ in range(w.layers)]
    values = [[] for _ in range(w.layers)]
    return np.array([_forward(w, token, i, keys, values) for i, token in enumerate(tokens)])


def _forward(w, token, position, keys, values):
    x = w.embedding[token].astype(np.float64)
    for layer in range(w.layers):
        normed = _norm(x, w.norm_attention[layer])
        q = _turned(w.q[layer] @ normed, position, w.head)
        keys[layer].append(_turned(w.k[layer] @ normed, position, w.head))
        values[layer].append(w.v[layer] @ normed)
        mixed = np.empty(w.dim)
        for head in range(w.heads):
            mine = slice(head * w.head, (head + 1) * w.head)
            group = head // (w.heads // w.key_heads)
            theirs = slice(group * w.head, (group + 1) * w.head)
            scores = np.array([key[theirs] @ q[mine] for key in keys[layer]]) / np.sqrt(w.head)
            share = np.exp(scores - scores.max())
            share /= share.sum()
            mixed[mine] = sum(s * v[theirs] for s, v in zip(share, values[layer], strict=True))
        x = x + w.o[layer] @ mixed
        normed = _norm(x, w.norm_forward[layer])
        gate = w.gate[layer] @ normed
        x = x + w.down[layer] @ (gate / (1 + np.exp(-gate)) * (w.up[layer] @ normed))
    return w.output @ _norm(x, w.norm)


def _norm(x, weight):
    return weight * x / np.sqrt((x * x).mean() + 1e-5)


def _turned(vector, position, head):
    turned = vector.copy()
    for i in range(0, len(vector), 2):
        angle = position / 10000 ** ((i % head) / head)
        turned[i] = vector[i] * np.cos(angle) - vector[i + 1] * np.sin(angle)
        turned[i + 1] = vector[i] * np.sin(angle) + vector[i + 1] * np.cos(angle)
    return turned


def encode(text, vocabulary):
    """Ids after `encode` of run.c: letters, bytes for those unknown, the best pair merged first."""
    ids = {piece: i for i, (piece, _) in enumerate(vocabulary)}
    tokens = []
    for letter in (" " + text) if text else "":
        tokens += [ids[letter]] if letter in ids else [byte + 3 for byte in letter.encode()]
    while True:
        best = None
        for i in range(len(tokens) - 1):
            merged = ids.get(vocabulary[tokens[i]][0] + vocabulary[tokens[i + 1]][0])
            if merged is not None and (best is None or vocabulary[merged][1] > best[0]):
                best = vocabulary[merged][1], i, merged
        if best is None:
            return [1, *tokens]
        _, i, merged = best
        tokens[i : i + 2] = [merged]

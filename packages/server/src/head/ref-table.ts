/** One part of a `RefTable`: open addressing over [hash, number + 1] pairs, 0 is empty. */
export class RefShard {
  entries = new Int32Array(2 * 16)
  mask = 15
  #size = 0

  add(hash: number, ref: number): void {
    if (this.#size + 1 > (this.mask + 1) * 0.7) this.#grow()
    put(this.entries, this.mask, hash, ref + 1)
    this.#size++
  }

  remove(hash: number, ref: number): void {
    const { entries, mask } = this
    let hole = hash & mask
    while (entries[hole * 2 + 1] !== ref + 1) {
      if (entries[hole * 2 + 1] === 0) return
      hole = (hole + 1) & mask
    }
    this.#size--
    // entries behind the hole move up, so that no walk ends too early
    for (let at = (hole + 1) & mask; entries[at * 2 + 1] !== 0; at = (at + 1) & mask) {
      const home = entries[at * 2] & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      entries[hole * 2] = entries[at * 2]
      entries[hole * 2 + 1] = entries[at * 2 + 1]
      hole = at
    }
    entries[hole * 2 + 1] = 0
  }

  #grow(): void {
    const old = this.entries
    this.entries = new Int32Array(old.length * 2)
    this.mask = this.mask * 2 + 1
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) put(this.entries, this.mask, old[i], old[i + 1])
  }
}

function put(entries: Int32Array, mask: number, hash: number, value: number): void {
  let at = hash & mask
  while (entries[at * 2 + 1] !== 0) at = (at + 1) & mask
  entries[at * 2] = hash
  entries[at * 2 + 1] = value
}

/** 64 shards by the hash's upper bits: each grows by itself, so that no series waits for a million others to find new places. */
const shardShift = 26

/**
 * From a 32-bit hash to series numbers; several may have one hash. Whoever looks walks the `entries` of its shard from `hash & mask` on, since a callback
 * for each entry would cost more than the rest.
 */
export class RefTable {
  readonly #shards = Array.from({ length: 1 << (32 - shardShift) }, () => new RefShard())

  get bytes(): number {
    return this.#shards.reduce((sum, { entries }) => sum + entries.byteLength, 0)
  }

  shard(hash: number): RefShard {
    return this.#shards[hash >>> shardShift] as RefShard
  }

  add(hash: number, ref: number): void {
    this.shard(hash).add(hash, ref)
  }

  remove(hash: number, ref: number): void {
    this.shard(hash).remove(hash, ref)
  }
}

/**
 * Open addressing from a 32-bit hash to series numbers; several may have one hash. Whoever looks walks `entries` ([hash, number + 1] pairs, 0 is
 * empty) from `hash & mask` on, since a callback for each entry would cost more than the rest.
 */
export class RefTable {
  entries = new Int32Array(2 * 1024)
  mask = 1023
  #size = 0

  get bytes(): number {
    return this.entries.byteLength
  }

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

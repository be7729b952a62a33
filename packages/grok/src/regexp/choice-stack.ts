// What a matcher goes back to. Four numbers an entry, in one array that is kept between lines.

/** The kinds of entries. */
export const choiceKind = {
  /** go on at program a, text b */
  way: 0,
  /** slot a was b */
  undo: 1,
  /** run of program a: from text b to c */
  run: 2,
  /** lazy run of program a at text b, c more */
  lazy: 3,
  /** the match began at c */
  kept: 4,
} as const

/** 16 bytes each: no line takes more than 16 MB. */
const maxEntries = 1_000_000

export class ChoiceStack {
  kind = 0
  a = 0
  b = 0
  c = 0
  private readonly slots: Int32Array
  private entries = new Int32Array(4 * 256)
  private length = 0

  constructor(slots: Int32Array) {
    this.slots = slots
  }

  get height(): number {
    return this.length
  }

  get isFull(): boolean {
    return this.length >= 4 * maxEntries
  }

  clear(): void {
    this.length = 0
    // what one long line needed is given back
    if (this.entries.length > 4 * 65_536) this.entries = new Int32Array(4 * 256)
  }

  push(kind: number, a: number, b: number, c: number): void {
    if (this.length === this.entries.length) {
      const larger = new Int32Array(this.entries.length * 2)
      larger.set(this.entries)
      this.entries = larger
    }
    const { entries, length } = this
    entries[length] = kind
    entries[length + 1] = a
    entries[length + 2] = b
    entries[length + 3] = c
    this.length = length + 4
  }

  /** Sets a slot; going back restores it. */
  save(slot: number, value: number): void {
    this.push(choiceKind.undo, slot, this.slots[slot], 0)
    this.slots[slot] = value
  }

  /** The newest choice into kind, a, b, c; false where none is left. Slots are restored on the way. */
  pop(): boolean {
    const { entries, slots } = this
    while (this.length > 0) {
      const at = this.length - 4
      this.length = at
      if (entries[at] === choiceKind.undo) {
        slots[entries[at + 1]] = entries[at + 2]
        continue
      }
      this.kind = entries[at]
      this.a = entries[at + 1]
      this.b = entries[at + 2]
      this.c = entries[at + 3]
      return true
    }
    return false
  }

  /** Forgets the choices above the height, but not what is to be restored when going back below it. */
  cut(height: number): void {
    const { entries } = this
    let kept = height
    for (let at = height; at < this.length; at += 4) {
      const kind = entries[at]
      if (kind !== choiceKind.undo && kind !== choiceKind.kept) continue
      if (kept !== at) entries.copyWithin(kept, at, at + 4)
      kept += 4
    }
    this.length = kept
  }

  /** Forgets everything above the height and restores the slots. */
  unwind(height: number): void {
    const { entries, slots } = this
    for (let at = this.length - 4; at >= height; at -= 4)
      if (entries[at] === choiceKind.undo) slots[entries[at + 1]] = entries[at + 2]
    this.length = height
  }
}

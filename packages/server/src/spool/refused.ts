import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { SpoolDisk } from './disk.ts'
import type { SetAsidePart } from './port.ts'

const safeName = /[^A-Za-z0-9.-]/g

/** The folder of what the store refused for its content: bytes and reason side by side, the oldest removed beyond the bounds. */
export class RefusedParts {
  readonly #dir: string
  readonly #disk: SpoolDisk
  readonly #clock: Clock
  readonly #maxBytes: number
  readonly #maxParts: number
  #count = 0

  constructor(options: {
    readonly dir: string
    readonly disk: SpoolDisk
    readonly clock: Clock
    readonly maxBytes: number
    readonly maxParts: number
  }) {
    this.#dir = options.dir
    this.#disk = options.disk
    this.#clock = options.clock
    this.#maxBytes = options.maxBytes
    this.#maxParts = options.maxParts
  }

  /** Parts set aside since the start. */
  get count(): number {
    return this.#count
  }

  async add({ name, table, rows, reason, bytes }: SetAsidePart): Promise<void> {
    const path = join(this.#dir, name.replaceAll(safeName, '_'))
    const about = { table, rows, reason: reason.slice(0, 2000), at: new Date(this.#clock.nowMs()).toISOString() }
    await this.#disk.replace(`${path}.native`, Buffer.concat(bytes))
    await this.#disk.replace(`${path}.json`, `${JSON.stringify(about, undefined, 2)}\n`)
    this.#count++
    await this.#bound()
  }

  async #bound(): Promise<void> {
    const files = [...(await this.#disk.list(this.#dir))].sort((a, b) => a.modifiedMs - b.modifiedMs)
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    let count = files.length
    for (const file of files) {
      if (bytes <= this.#maxBytes && count <= this.#maxParts * 2) return
      await this.#disk.remove(join(this.#dir, file.name))
      bytes -= file.bytes
      count--
    }
  }
}

// What the archive holds, as its manifests say; read once, and kept up with what we write.
import { AppError } from '@tidewatch/core/error.ts'
import { archiveRoot, dayOf, emptyManifest, folderOf, type Manifest, manifestName, parseManifest } from './manifest.ts'
import type { ArchiveTarget, Waiting } from './target.ts'

/** Manifests that are asked for at a time. */
const atOnce = 8
/** A manifest of some hundred files has some 50 kB. */
const maxManifestBytes = 16 * 2 ** 20
/** How long one reader believes what another process may have changed, ms. */
const freshMs = 5 * 60_000

export class Catalog {
  readonly #target: ArchiveTarget
  readonly #nowMs: () => number
  #days: Map<number, Manifest> | undefined
  #readMs = Number.NEGATIVE_INFINITY
  #reading: Promise<Map<number, Manifest>> | undefined
  /** While the archive is read: what came too late to be found. */
  readonly #written = new Map<number, Manifest>()

  constructor(target: ArchiveTarget, nowMs: () => number) {
    this.#target = target
    this.#nowMs = nowMs
  }

  /** By day, oldest first. */
  async days({ signal }: Waiting): Promise<ReadonlyMap<number, Manifest>> {
    const known = this.#days
    if (known !== undefined && this.#nowMs() - this.#readMs < freshMs) return known
    this.#reading ??= this.#read(signal).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** As it is in the archive now. */
  async day(dayMs: number, { signal }: Waiting): Promise<Manifest> {
    const name = manifestName(dayMs)
    const text = await readText(this.#target, name, { signal })
    return text === undefined ? emptyManifest(dayMs) : parseManifest(text, `${name} in ${this.#target.place}`)
  }

  async write(dayMs: number, manifest: Manifest, { signal }: Waiting): Promise<void> {
    await this.#target.putText(manifestName(dayMs), `${JSON.stringify(manifest, null, 1)}\n`, { signal })
    this.#written.set(dayMs, manifest)
    if (this.#days !== undefined) this.#days = sorted([...this.#days, [dayMs, manifest]])
    await this.#removeLeftovers(dayMs, manifest, signal)
  }

  async #read(signal: AbortSignal): Promise<Map<number, Manifest>> {
    this.#written.clear()
    const found: number[] = []
    for await (const name of this.#target.list(archiveRoot, { signal })) {
      const day = /^logs\/([\d-]{10})\/manifest\.json$/.exec(name)?.[1]
      const dayMs = day === undefined ? undefined : dayOf(day)
      if (dayMs !== undefined) found.push(dayMs)
    }
    found.sort((a, b) => a - b)
    const days = new Map<number, Manifest>()
    for (let at = 0; at < found.length; at += atOnce) {
      const some = found.slice(at, at + atOnce)
      const read = await Promise.all(some.map((dayMs) => this.day(dayMs, { signal })))
      for (const [i, dayMs] of some.entries()) days.set(dayMs, read[i] as Manifest)
    }
    const all = sorted([...days, ...this.#written])
    this.#days = all
    this.#readMs = this.#nowMs()
    return all
  }

  /** What a killed run left, and what was written anew. */
  async #removeLeftovers(dayMs: number, { parts }: Manifest, signal: AbortSignal): Promise<void> {
    const folder = folderOf(dayMs)
    const named = new Set(parts.flatMap(({ files }) => files.map(({ name }) => `${folder}${name}`)))
    const left: string[] = []
    for await (const name of this.#target.list(folder, { signal }))
      if (name.endsWith('.ndjson.zst') && !named.has(name)) left.push(name)
    for (const name of left) await this.#target.remove(name, { signal })
  }
}

const sorted = (days: readonly (readonly [number, Manifest])[]): Map<number, Manifest> =>
  new Map(days.toSorted(([a], [b]) => a - b))

/** Undefined where there is no such file. */
async function readText(target: ArchiveTarget, name: string, { signal }: Waiting): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of target.read(name, { signal })) {
      bytes += chunk.length
      if (bytes > maxManifestBytes) throw new AppError('archive.damaged', `${name} in ${target.place} is too large.`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'state.not_found') return undefined
    throw error
  }
  return Buffer.concat(chunks).toString()
}

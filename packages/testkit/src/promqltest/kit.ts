// The conformance kit's own parser and comparison of promqltest scripts, loaded from where the kit lies: it is no part of this repository.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..')

/** Where the conformance kits are, by `CONFORMANCE_DIR` or beside the repository; undefined where there are none. */
export function findConformanceKit(name: string): string | undefined {
  const dir = join(process.env.CONFORMANCE_DIR ?? join(repositoryRoot, '../shared/conformance'), name)
  return existsSync(dir) ? dir : undefined
}

/** A native histogram as the scripts have it: dense buckets from an offset on. */
export interface KitHistogram {
  readonly schema: number
  readonly count: number
  readonly sum: number
  readonly zeroCount: number
  readonly zeroThreshold: number
  readonly customValues: readonly number[]
  /** 0 unknown, 1 reset, 2 not reset, 3 gauge. */
  readonly hint: number
  readonly pos: { readonly offset: number; readonly counts: readonly number[] }
  readonly neg: { readonly offset: number; readonly counts: readonly number[] }
}

export interface KitSample {
  readonly t: number
  readonly v?: number | 'stale'
  readonly h?: KitHistogram
}

export interface KitSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly KitSample[]
}

export interface KitLoad {
  readonly type: 'load'
  readonly series: readonly KitSeries[]
  readonly startTimestamps?: boolean
}

export interface KitEval {
  readonly type: 'eval'
  readonly line: number
  readonly range: boolean
  readonly query: string
  readonly at?: number
  readonly start: number
  readonly end: number
  readonly step: number
  readonly string: string | undefined
  readonly rangeVector: boolean | undefined
  readonly expect: Readonly<Record<'ordered' | 'fail' | 'warn' | 'no_warn' | 'info' | 'no_info', readonly unknown[]>>
}

export interface KitSection {
  readonly line: number
  readonly commands: readonly (KitLoad | KitEval)[]
}

export interface Mismatch {
  readonly reason: string
  readonly expected: string
  readonly got: string
}

/** A response body of Prometheus's query API. */
export type QueryBody =
  | {
      readonly status: 'success'
      readonly data: unknown
      readonly warnings?: readonly string[]
      readonly infos?: readonly string[]
    }
  | { readonly status: 'error'; readonly error: string }

export interface PromqltestKit {
  parseFile(text: string): readonly KitSection[]
  compareData(ev: KitEval, data: unknown, baseMs: number, options: { readonly slack: number }): Mismatch | undefined
  compareMiddle(ev: KitEval, data: unknown, atMs: number, options: { readonly slack: number }): Mismatch | undefined
  compareAnnotations(ev: KitEval, body: QueryBody, rewritten: boolean): Mismatch | undefined
  compareFailure(ev: KitEval, error: string): Mismatch | undefined
}

export async function loadPromqltestKit(dir: string): Promise<PromqltestKit> {
  const load = (file: string): Promise<object> => import(pathToFileURL(join(dir, 'lib', file)).href)
  // the kit is plain JavaScript; its functions are described above
  return { ...(await load('parse.mjs')), ...(await load('compare.mjs')) } as PromqltestKit
}

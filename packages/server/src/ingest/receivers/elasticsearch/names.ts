// Indices and aliases as clients set them up: of each alias the indices that it leads to, with what was said of each.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { IndexAlias, IndexNames } from '../../../query/port.ts'
import type { StateStore } from '../../../state/port.ts'
import { type ElasticsearchTables, isLike, Setup, type SetupObject } from './state.ts'

/** What is said of an alias for one index: `filter`, `is_write_index`, and what changes nothing here. */
type AliasSettings = Readonly<Record<string, unknown>>
type Targets = ReadonlyMap<string, AliasSettings>

export type Epochs = ReadonlyMap<string, string>

const maxTargets = 1000
const maxProjects = 1000
/** Another process may delete an index, too. */
const epochsKnownMs = 2000
/** Longer than what was sent before is known again. */
const erasedKnownMs = 2 * 86_400_000

export class Names implements IndexNames {
  readonly #setup: Setup
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #epochs = new Map<ProjectId, { readonly atMs: number; readonly epochs: Epochs }>()

  constructor(setup: Setup, clock: Pick<Clock, 'nowMs'>) {
    this.#setup = setup
    this.#clock = clock
  }

  async aliases(projects: readonly ProjectId[], patterns: readonly string[] = ['*']): Promise<readonly IndexAlias[]> {
    const found = await Promise.all(projects.map((project) => this.#setup.find(project, 'alias', patterns)))
    return found.flat().flatMap(({ name, body }) =>
      [...targetsOf(body)].map(([index, { filter, is_write_index: isWrite }]) => ({
        ...{ name, index, filter },
        isWriteIndex: typeof isWrite === 'boolean' ? isWrite : undefined,
      })),
    )
  }

  async created(projects: readonly ProjectId[]): Promise<readonly string[]> {
    const kinds = ['index', 'data_stream'] as const
    const found = await Promise.all(
      projects.flatMap((project) => kinds.map((kind) => this.#setup.find(project, kind, ['*']))),
    )
    return found.flat().map(({ name }) => name)
  }

  /** Of indices that were deleted lately, what differs each time: what came before says nothing of what comes after. */
  async epochs(project: ProjectId): Promise<Epochs> {
    const known = this.#epochs.get(project)
    const nowMs = this.#clock.nowMs()
    if (known !== undefined && Math.abs(nowMs - known.atMs) < epochsKnownMs) return known.epochs
    const rows = await this.#setup.find(project, 'erased', ['*'])
    const epochs = new Map(rows.map(({ name, changedAtMs }) => [name, String(changedAtMs)]))
    if (this.#epochs.size >= maxProjects) this.#epochs.clear()
    this.#epochs.set(project, { atMs: nowMs, epochs })
    return epochs
  }

  async forget(projects: readonly ProjectId[], index: string): Promise<boolean> {
    let removed = 0
    for (const project of projects) {
      removed += await this.#setup.remove(project, 'index', [index])
      removed += await this.#setup.remove(project, 'data_stream', [index])
      removed += await this.removeAlias(project, ['*'], [index])
      const changedAtMs = this.#clock.nowMs()
      await this.#setup.removeBefore(project, 'erased', changedAtMs - erasedKnownMs)
      await this.#setup.put(project, 'erased', { name: index, body: {}, changedAtMs })
      this.#epochs.delete(project)
    }
    return removed > 0
  }

  async addAlias(project: ProjectId, name: string, index: string, settings: AliasSettings): Promise<void> {
    const [there] = await this.#setup.find(project, 'alias', [name])
    const targets = new Map(there === undefined ? [] : targetsOf(there.body))
    if (targets.size >= maxTargets && !targets.has(index))
      throw new AppError('ingest.bad_body', `the alias ${name.slice(0, 200)} leads to ${maxTargets} indices already.`, {
        fix: 'Take those out that nobody needs, or name a pattern such as logs-*.',
      })
    await this.#put(project, name, targets.set(index, settings))
  }

  /** Of how many indices an alias was taken. */
  async removeAlias(project: ProjectId, names: readonly string[], indices: readonly string[]): Promise<number> {
    let removed = 0
    for (const { name, body } of await this.#setup.find(project, 'alias', names)) {
      const targets = targetsOf(body)
      const left = new Map([...targets].filter(([index]) => !indices.some((pattern) => isLike(pattern, index))))
      removed += targets.size - left.size
      if (left.size === 0) await this.#setup.remove(project, 'alias', [name])
      else if (left.size < targets.size) await this.#put(project, name, left)
    }
    return removed
  }

  async #put(project: ProjectId, name: string, targets: Targets): Promise<void> {
    const body = { indices: Object.fromEntries(targets) }
    await this.#setup.put(project, 'alias', { name, body, changedAtMs: this.#clock.nowMs() })
  }
}

/** Also of those that were kept when an alias led to one index alone. */
function targetsOf(body: SetupObject['body']): Targets {
  if (typeof body !== 'object' || body === null) return new Map()
  if ('indices' in body && typeof body.indices === 'object' && body.indices !== null)
    return new Map(Object.entries(body.indices).map(([index, settings]) => [index, Object(settings)]))
  return 'index' in body ? new Map([[String(body.index), {}]]) : new Map()
}

/** One for each process: what it remembers of deletions is what writing goes by. */
export const createIndexNames = (state: StateStore, clock: Pick<Clock, 'nowMs'>): Names =>
  new Names(new Setup(state.database<ElasticsearchTables>()), clock)

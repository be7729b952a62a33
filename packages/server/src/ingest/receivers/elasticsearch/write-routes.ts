// Documents in: many by _bulk, one by _doc and _create.
import { randomBytes } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { indexField } from '@tidewatch/core/index-name.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { elasticError, elasticRoutes, filterPathOf } from '../../../http/elastic/port.ts'
import type { Answer, RequestContext, Route } from '../../../http/port.ts'
import type { LogIntake } from '../../logs/port.ts'
import type { StoredDocuments } from '../../port.ts'
import { inSlices } from '../../slices.ts'
import { type Action, ActionReader, type ItemError, type Operation, onlyAdded, refusalOf } from './action.ts'
import { type BulkItems, readBulk } from './bulk.ts'
import { writeBulkAnswer } from './bulk-answer.ts'
import { type DocumentParts, Documents, type Outcome } from './documents.ts'
import { KnownIds, keyOf, maxIds, type StoredDocument, storedDocument } from './known-ids.ts'
import type { Epochs, Names } from './names.ts'
import type { Setup } from './state.ts'

/** Beside the items of a bulk request by what became of them. */
export type ItemOutcome = 'stored' | 'known' | 'refused'

export interface WriterParts {
  readonly logs: LogIntake
  readonly clock: Clock
  readonly setup: Pick<Setup, 'find'>
  readonly names: Pick<Names, 'epochs'>
  readonly stored: Pick<StoredDocuments, 'newest'>
  readonly count: (outcome: ItemOutcome, items: number) => void
}

type Place = { readonly index?: string; readonly id?: string }
type WriteContext = RequestContext<Place, Readonly<Record<string, string | readonly string[] | undefined>>, Uint8Array>

/** Logstash sends up to 20 MB at once, before compression; one document is hardly a megabyte. */
const bulkLimits = { maxBytes: 64 << 20, maxInflatedBytes: 64 << 20 }
const documentLimits = { maxBytes: 16 << 20, maxInflatedBytes: 16 << 20 }
const pipelineWarning = '299 Tidewatch "ingest pipelines are kept but not run: the document was stored as it came"'
/** In which documents' ids are kept that their senders gave them. */
const idField = '_id'
const readIdsMs = 60_000
const newId = (): string => randomBytes(15).toString('base64url')

export class DocumentWriter {
  readonly #parts: WriterParts
  readonly #ids: KnownIds
  /** Ids of before the start, once they are asked for. */
  #remembered: Promise<void> | undefined

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.#ids = new KnownIds(parts.clock)
  }

  async bulk(context: WriteContext): Promise<Answer> {
    const { logs, clock, setup, names } = this.#parts
    const { body, params, query, identity, signal } = context
    logs.checkRoom()
    const beganMs = clock.monotonicMs()
    const { project } = identity
    const text = Buffer.from(body.buffer, body.byteOffset, body.length)
    if (text.includes('"_id"')) await this.#remember()
    const epochs = await names.epochs(project)
    using request = logs.begin({ project, sender: senderOf(context) })
    const documents = new Documents(request, this.#documentParts(project, epochs))
    const items: BulkItems = { actions: [], outcomes: [] }
    const requiresAlias = isOn(query.require_alias)
    const wantsAliases = requiresAlias || text.includes('"require_alias"')
    const aliases = new Set(wantsAliases ? (await setup.find(project, 'alias', ['*'])).map(({ name }) => name) : [])
    const reader = new ActionReader({ index: params.index, requiresAlias, namesPipeline: namesPipeline(query) })
    await inSlices(readBulk(body, { reader, documents, isAlias: (name) => aliases.has(name) }, items), {
      clock,
      signal,
    })
    const target = `bulk ${params.index ?? ''}${epochsOf(items, epochs)}`
    const stored = request.length === 0 ? undefined : await request.store({ body, target })
    documents.keep()
    this.#note(items.outcomes)
    const parts: Uint8Array[] = []
    const tookMs = clock.monotonicMs() - beganMs
    const answer = { ...items, stored, tookMs, newId, filter: filterPathOf(context) }
    await inSlices(writeBulkAnswer(answer, parts), { clock, signal })
    const warns = items.actions.some((action) => action.namesPipeline)
    return { ...(warns ? { headers: { warning: pipelineWarning } } : {}), body: Buffer.concat(parts) }
  }

  /** One document, by its path. */
  async one(context: WriteContext, operation: Operation): Promise<Answer> {
    const { logs, setup, names } = this.#parts
    const { body, params, query, identity } = context
    const { index = '', id } = params
    const refusal = refusalOf(operation, index, id)
    if (refusal !== undefined) return this.#refuse(refusal)
    logs.checkRoom()
    if (body.length === 0) throw new AppError('ingest.bad_body', 'request body is required.')
    const { project } = identity
    if (isOn(query.require_alias) && (await setup.find(project, 'alias', [index])).length === 0)
      return this.#refuse(notAlias(index))
    const action: Action = {
      ...{ operation, index, id, refusal, requiresAlias: false },
      namesPipeline: namesPipeline(query),
    }
    if (id !== undefined) await this.#remember()
    const epochs = await names.epochs(project)
    using request = logs.begin({ project, sender: senderOf(context) })
    const documents = new Documents(request, this.#documentParts(project, epochs))
    const outcome = documents.take(action, { bytes: body, from: 0, to: body.length }, 1)
    if (outcome.kind === 'refused') return this.#refuse(outcome.error)
    const target = `document ${index} ${id ?? ''}${epochs.get(index) ?? ''}`
    const stored = outcome.kind === 'line' ? await request.store({ body, target }) : undefined
    documents.keep()
    this.#note([outcome])
    const told = id ?? stored?.idOf?.(0) ?? newId()
    const isNew = outcome.kind === 'line'
    return {
      status: isNew ? 201 : 200,
      headers: {
        ...(isNew ? { location: `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(told)}` } : {}),
        ...(action.namesPipeline ? { warning: pipelineWarning } : {}),
      },
      body: {
        ...{ _index: index, _id: told, _version: 1, result: isNew ? 'created' : 'noop' },
        ...{ _shards: { total: 1, successful: 1, failed: 0 }, _seq_no: 0, _primary_term: 1 },
      },
    }
  }

  #documentParts(project: ProjectId, epochs: Epochs): DocumentParts {
    const { logs, clock } = this.#parts
    return { project, epochs, ids: this.#ids, nowMs: clock.nowMs(), preview: logs.preview }
  }

  /** Rejects with `store.unavailable` where the store does not answer: then nobody can tell whether a document is there, and it is sent again. */
  #remember(): Promise<void> {
    this.#remembered ??= this.#readIds().catch((error: unknown) => {
      this.#remembered = undefined
      throw error
    })
    return this.#remembered
  }

  async #readIds(): Promise<void> {
    const { stored, names } = this.#parts
    const found: (readonly [key: string, document: StoredDocument])[] = []
    for await (const { project, record } of stored.newest({ limit: maxIds, signal: AbortSignal.timeout(readIdsMs) })) {
      const index = record.resource.get(indexField)
      const id = record.attributes.get(idField)
      if (index === undefined || typeof id !== 'string') continue
      const epoch = (await names.epochs(project)).get(index) ?? ''
      found.push([keyOf({ project, index, epoch }, id), storedDocument(record)])
    }
    // the newest of an id counts, and it came first
    for (const [key, document] of found.reverse()) this.#ids.add(key, document)
  }

  #refuse(error: ItemError): Answer {
    this.#parts.count('refused', 1)
    return elasticError(error.status, error)
  }

  #note(outcomes: readonly Outcome[]): void {
    const counts = { line: 0, known: 0, refused: 0 }
    for (const { kind } of outcomes) counts[kind]++
    const { count } = this.#parts
    count('stored', counts.line)
    count('known', counts.known)
    count('refused', counts.refused)
  }
}

export function writeRoutes(writer: DocumentWriter): readonly Route[] {
  const shared = { permission: 'ingest', bodyKind: 'bytes' } as const
  const bulk = (context: WriteContext) => writer.bulk(context)
  const index = (context: WriteContext) => writer.one(context, context.query.op_type === 'create' ? 'create' : 'index')
  const create = (context: WriteContext) => writer.one(context, 'create')
  const refuse = () => elasticError(onlyAdded.status, onlyAdded)
  const taking = (
    methods: readonly ('POST' | 'PUT' | 'DELETE')[],
    path: string,
    {
      summary,
      limits,
      handle,
    }: Pick<
      Parameters<typeof elasticRoutes<Place, WriteContext['query'], Uint8Array>>[0],
      'summary' | 'limits' | 'handle'
    >,
  ): readonly Route[] =>
    methods.flatMap((method) =>
      elasticRoutes<Place, WriteContext['query'], Uint8Array>({
        ...{ ...shared, method, path, handle },
        ...(limits === undefined ? {} : { limits }),
        summary: `Elasticsearch: ${summary}`,
      }),
    )
  const many = { summary: 'documents, many at once', limits: bulkLimits, handle: bulk }
  const one = { summary: 'a document', limits: documentLimits }
  const changed = { summary: 'refused, lines are only added', limits: documentLimits, handle: refuse }
  return [
    ...taking(['POST', 'PUT'], '/_bulk', many),
    ...taking(['POST', 'PUT'], '/:index/_bulk', many),
    ...taking(['POST'], '/:index/_doc', { ...one, handle: index }),
    ...taking(['POST', 'PUT'], '/:index/_doc/:id', { ...one, handle: index }),
    ...taking(['POST', 'PUT'], '/:index/_create/:id', { ...one, handle: create }),
    ...taking(['DELETE'], '/:index/_doc/:id', changed),
    ...taking(['POST'], '/:index/_update/:id', changed),
  ]
}

/** So that what was sent before an index was deleted is no repeat of what comes after. */
function epochsOf({ actions }: BulkItems, epochs: Epochs): string {
  if (epochs.size === 0) return ''
  const named = new Set(actions.map(({ index }) => index))
  return [...named].flatMap((index) => epochs.get(index) ?? []).join(' ')
}

const senderOf = ({ remoteAddress }: Pick<RequestContext, 'remoteAddress'>): string =>
  `Elasticsearch client at ${remoteAddress}`

const isOn = (value: unknown): boolean => value === '' || value === 'true'

const namesPipeline = ({ pipeline }: WriteContext['query']): boolean => pipeline !== undefined && pipeline !== '_none'

const notAlias = (index: string): ItemError => ({
  status: 404,
  type: 'index_not_found_exception',
  reason: `no such index [${index}] and [require_alias] request flag is [true] and [${index}] is not an alias`,
})

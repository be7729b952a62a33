// What a bulk request is answered, an item for each of its actions in their order. Once an item: texts are joined, no object is made for one.
import { type FilterPath, filterByPath } from '@tidewatch/core/filter-path.ts'
import type { StoredLogs } from '../../logs/port.ts'
import type { Action } from './action.ts'
import type { BulkItems } from './bulk.ts'
import type { Outcome } from './documents.ts'

const itemsPerStep = 200
const shards = '"_shards":{"total":1,"successful":1,"failed":0}'

export interface BulkAnswerOptions extends BulkItems {
  /** Undefined where there was nothing to store. */
  readonly stored: StoredLogs | undefined
  readonly tookMs: number
  readonly filter: FilterPath | undefined
  readonly newId: () => string
}

/** Fills `into` with the answer's bytes, in steps. */
export function* writeBulkAnswer(options: BulkAnswerOptions, into: Uint8Array[]): Generator<void> {
  const { actions, outcomes, stored, filter, newId } = options
  const errors = outcomes.some(({ kind }) => kind === 'refused')
  const head = { errors, took: Math.round(options.tookMs) }
  const keep = (value: unknown): unknown => (filter === undefined ? value : filterByPath(value, filter))
  const start = JSON.stringify(keep(head) ?? {})
  let text = ''
  let isFirst = true
  for (const [i, action] of actions.entries()) {
    const whole = itemText(action, outcomes[i] as Outcome, { stored, newId })
    const item = filter === undefined ? whole : keptItem(whole, filter)
    if (item !== '') {
      text += isFirst ? item : `,${item}`
      isFirst = false
    }
    if (i % itemsPerStep !== itemsPerStep - 1) continue
    into.push(Buffer.from(text))
    text = ''
    yield
  }
  into.push(Buffer.from(text))
  const hasItems = filter === undefined || !isFirst
  const between = start === '{}' ? '' : ','
  into.unshift(Buffer.from(hasItems ? `${start.slice(0, -1)}${between}"items":[` : start))
  if (hasItems) into.push(Buffer.from(']}'))
}

/** An item's part of what is wanted of the whole answer; '' where nothing is. */
function keptItem(text: string, filter: FilterPath): string {
  const kept = filterByPath({ items: [JSON.parse(text)] }, filter)
  if (typeof kept !== 'object' || kept === null || !('items' in kept) || !Array.isArray(kept.items)) return ''
  return kept.items.length === 0 ? '' : JSON.stringify(kept.items[0])
}

const names = new WeakMap<Action, string>()

function itemText(
  action: Action,
  outcome: Outcome,
  { stored, newId }: Pick<BulkAnswerOptions, 'stored' | 'newId'>,
): string {
  // one object stands for all actions that say the same
  const start = names.get(action) ?? `{"${action.operation}":{"_index":${JSON.stringify(action.index)},"_id":`
  names.set(action, start)
  const id = action.id === undefined ? undefined : JSON.stringify(action.id)
  switch (outcome.kind) {
    case 'line': {
      const told = id ?? `"${stored?.idOf?.(outcome.line) ?? newId()}"`
      return `${start}${told},"_version":1,"result":"created",${shards},"_seq_no":${outcome.line},"_primary_term":1,"status":201}}`
    }
    case 'known':
      return `${start}${id ?? 'null'},"_version":1,"result":"noop",${shards},"_seq_no":0,"_primary_term":1,"status":200}}`
    case 'refused': {
      const { status, type, reason } = outcome.error
      return `${start}${id ?? 'null'},"status":${status},"error":${JSON.stringify({ type, reason })}}}`
    }
  }
}

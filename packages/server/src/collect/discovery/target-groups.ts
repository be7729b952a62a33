import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { type TargetGroup, targetGroupSchema } from '../config.ts'

/** What YAML may write for nothing; without types it arrives as text. */
const nothing: ReadonlySet<unknown> = new Set(['', '~', 'null', 'Null', 'NULL'])

const groupsSchema = z.preprocess((value) => (nothing.has(value) ? [] : (value ?? [])), z.array(z.unknown()))

/** A list of target groups as files and servers give it; all carry `labels` too. Throws `config.invalid` with the first fault. */
export function readGroups(parsed: unknown, labels: Readonly<Record<string, string>>): readonly TargetGroup[] {
  const list = groupsSchema.safeParse(parsed)
  if (!list.success) throw bad('it is no list of target groups')
  return list.data.map((item, i) => {
    const group = targetGroupSchema.safeParse(withoutNothing(item))
    if (!group.success) {
      const { path, message } = group.error.issues[0] ?? { path: [], message: 'it is none' }
      throw bad(`target group ${i}: ${[...path.map(String), message].join(': ')}`)
    }
    return { targets: group.data.targets, labels: { ...group.data.labels, ...labels } }
  })
}

function withoutNothing(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, nothing.has(value) ? null : value]))
}

function bad(why: string): AppError {
  return new AppError('config.invalid', `the targets cannot be read: ${why}`, {
    fix: 'Write a list of {targets: [host:port, ...], labels: {name: value}}.',
  })
}

// The JSON that people write by hand: one value, a list of values, or a group that shares namespace, labels and time.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { namespacedName } from './names.ts'
import type { PushedValue } from './store.ts'

const maxValues = 10_000
/** Numbers below are seconds since 1970 (until the year 5138), above milliseconds (from 1973 on). */
const firstMs = 1e11

const words: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
}

const value = z
  .union([z.number(), z.enum(['NaN', '+Inf', 'Inf', '-Inf'])])
  .transform((written) => (typeof written === 'number' ? written : (words[written] as number)))

const timestampMs = z.union([z.string(), z.number()]).transform((written, context) => {
  const number = typeof written === 'number' || /^\d+(\.\d+)?$/.test(written) ? Number(written) : undefined
  const ms = number === undefined ? parseTime(String(written)) : Math.round(number < firstMs ? number * 1000 : number)
  if (Number.isFinite(ms)) return ms
  context.addIssue({
    code: 'custom',
    message: `${quoteValue(written)} is not a time. Write one such as 2026-11-21T10:00:00Z, or seconds since 1970`,
  })
  return z.NEVER
})

/** ISO 8601 with its offset: without one it would mean whatever this machine's time zone is. */
function parseTime(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN
}

const shared = {
  namespace: z.string().max(255).optional(),
  labels: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
  timestamp: timestampMs.optional(),
}

const single = z.strictObject({
  ...shared,
  name: z.string().min(1, 'a value needs a name').max(1024),
  value,
  type: z.enum(['gauge', 'counter', 'unknown']).optional(),
  help: z.string().max(10_000).optional(),
  unit: z.string().max(100).optional(),
})
const group = z.strictObject({
  ...shared,
  values: z.record(z.string().min(1), value).optional(),
  metrics: z.array(single).max(maxValues).optional(),
})
const list = z.array(single).min(1, 'there are no values').max(maxValues)

type Single = z.infer<typeof single>
type Group = z.infer<typeof group>
export type PushBody = Single | Group | readonly Single[]

/** By what it has it is one of the three; the errors are those of that one. */
export const pushBody: z.ZodType<PushBody> = z.unknown().transform((written, context): PushBody => {
  const has = (key: string): boolean => typeof written === 'object' && written !== null && key in written
  const form = Array.isArray(written) ? list : has('values') || has('metrics') ? group : single
  const read = form.safeParse(written)
  if (read.success) return read.data
  for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path: [...path], message })
  return z.NEVER
})

/** Throws `ingest.bad_point` where a name is none. */
export function valuesOf(body: PushBody, nowMs: number): readonly PushedValue[] {
  if (isList(body)) return body.map((one, i) => pushedValue(one, {}, { nowMs, where: `[${i}].name` }))
  if ('name' in body) return [pushedValue(body, {}, { nowMs, where: 'name' })]
  const { values = {}, metrics = [] } = body
  const named = Object.entries(values).map(([name, number]) =>
    pushedValue({ name, value: number }, body, { nowMs, where: `values.${name}` }),
  )
  return [...named, ...metrics.map((one, i) => pushedValue(one, body, { nowMs, where: `metrics[${i}].name` }))]
}

const isList = (body: PushBody): body is readonly Single[] => Array.isArray(body)

function pushedValue(
  one: Single,
  group: Pick<Group, 'namespace' | 'labels' | 'timestamp'>,
  { nowMs, where }: { readonly nowMs: number; readonly where: string },
): PushedValue {
  const namespace = one.namespace ?? group.namespace ?? ''
  // without a namespace a name is a Prometheus name and stays as it is
  const name = namespace === '' ? one.name : namespacedName(namespace, one.name)
  if (name === undefined) {
    throw new AppError('ingest.bad_point', `${where}: nothing is left of the name ${quoteValue(one.name)}.`, {
      where: { key: where },
      fix: 'Write it in letters and digits.',
    })
  }
  const { type = 'unknown', help = '', unit = '' } = one
  const isTold = one.type !== undefined || one.help !== undefined || one.unit !== undefined
  return {
    name,
    labels: { ...group.labels, ...one.labels },
    value: one.value,
    timeMs: one.timestamp ?? group.timestamp ?? nowMs,
    ...(isTold ? { metadata: { type, help, unit } } : {}),
    where,
  }
}

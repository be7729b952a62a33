// The conformance kit's lines and evaluations, read as they lie there: the kit is no part of this repository.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { z } from 'zod'

export const sortedLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

export const labelSet = z.record(z.string(), z.string()).transform((labels) => sortedLabels(labels))
const point = z.tuple([z.number(), z.number()])
const common = { id: z.string(), query: z.string(), expectError: z.string().optional() }
const caseFile = z.array(
  z.discriminatedUnion('kind', [
    z.object({
      ...common,
      kind: z.literal('log'),
      start: z.number(),
      end: z.number(),
      direction: z.enum(['forward', 'backward']),
      expect: z.array(z.object({ time: z.number(), line: z.string(), labels: labelSet.optional() })).optional(),
    }),
    z.object({
      ...common,
      kind: z.literal('instant'),
      time: z.number(),
      expect: z.array(z.object({ labels: labelSet, value: z.number() })).optional(),
    }),
    z.object({
      ...common,
      kind: z.literal('range'),
      start: z.number(),
      end: z.number(),
      step: z.number(),
      expect: z.array(z.object({ labels: labelSet, values: z.array(point) })).optional(),
    }),
  ]),
)
const streamsFile = z.object({
  streams: z.array(z.object({ labels: labelSet, values: z.array(z.tuple([z.number(), z.string()])) })),
})

export type LogqlCase = z.infer<typeof caseFile>[number]
export type LogqlStream = z.infer<typeof streamsFile>['streams'][number]

const dir = findConformanceKit('logql')

/** A machine without the kit may leave its tests out, CI may not. */
export const lacksLogqlKit = dir === undefined && process.env.CI === undefined

/** Times in seconds. */
export function loadLogqlKit(): { readonly cases: readonly LogqlCase[]; readonly streams: readonly LogqlStream[] } {
  const { streams } = streamsFile.parse(load('streams.json'))
  return { cases: caseFile.parse(load('cases.json')), streams }
}

/** The queries of the kit with what the official grammar makes of them. */
export const loadLogqlQueries = (): unknown => load('parse.json')

function load(name: string): unknown {
  if (dir === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  return JSON.parse(readFileSync(join(dir, name), 'utf8'))
}

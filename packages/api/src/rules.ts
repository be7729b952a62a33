// `/api/tidewatch/v1/rules`: rules of all kinds as they are written and as they are evaluated, and a text checked before it is saved.
import { z } from 'zod'

const texts = z.record(z.string(), z.string())

const ruleFields = {
  name: z.string(),
  group: z.string(),
  file: z.string(),
  /** `record`, `prometheus`, or one of the kinds. */
  kind: z.string(),
  /** What is evaluated. */
  query: z.string(),
  labels: texts,
  annotations: texts.optional(),
  /** Durations in ms. */
  forMs: z.number().optional(),
  keepFiringForMs: z.number().optional(),
  /** Numbers that come with the alert beside its value: the usual one, the edges of a band. */
  data: z.array(z.object({ name: z.string(), expr: z.string() })).optional(),
  /** A rule of our own form as it stands in its file. */
  written: z.record(z.string(), z.unknown()).optional(),
}

const checkedRule = z.object(ruleFields)
export type CheckedRule = z.infer<typeof checkedRule>

/** `POST …/check`. */
export const ruleCheck = z.object({
  rules: z.array(checkedRule),
  problems: z.array(
    z.object({
      /** Counted from 1. */
      line: z.number().optional(),
      column: z.number().optional(),
      key: z.string().optional(),
      /** With file, line and key before it, as commands print it. */
      message: z.string(),
    }),
  ),
})
export type RuleCheck = z.infer<typeof ruleCheck>

/** `GET …/rules`. */
export const writtenRules = z.object({ rules: z.array(checkedRule) })

/** `GET /api/tidewatch/v1/rule-kinds`: the example is one item of a list of rules. */
export const ruleKindList = z.object({
  kinds: z.array(z.object({ kind: z.string(), title: z.string(), summary: z.string(), example: z.string() })),
})
export type RuleKindInfo = z.infer<typeof ruleKindList>['kinds'][number]
